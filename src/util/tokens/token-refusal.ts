import { messageOf } from "../errors.js";
import type { TokenSettings } from "./token-settings.js";

/** Words for what jose calls the reasons that people meet. */
const REASONS: Readonly<Record<string, string>> = {
	ERR_JWKS_NO_MATCHING_KEY: "its token is signed by no key of the issuer",
	ERR_JWKS_MULTIPLE_MATCHING_KEYS: "its token does not say by which of the issuer's keys it is signed (kid)",
	ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "the signature of its token is wrong",
	ERR_JOSE_ALG_NOT_ALLOWED: "its token is signed in a way that does not count (alg)",
	ERR_JWT_EXPIRED: "its token has expired",
	ERR_JWS_INVALID: "its token is no JSON Web Token",
	ERR_JWT_INVALID: "its token is no JSON Web Token",
};

/** Of claims that are there and say something else, or are missing. Not what they say: it is the client's. */
function claimReason(claim: string, { issuer, audience }: TokenSettings): string {
	if (claim === "iss") return `its token is not of the issuer ${issuer}`;
	if (claim === "aud") return `its token is not for the audience ${audience}`;
	if (claim === "nbf") return "its token is not valid yet";
	return `its token has no ${claim} that counts`;
}

/** Why a token was refused, in words. */
export function refusalOf(error: unknown, settings: TokenSettings): string {
	const { code, claim } = error as { readonly code?: unknown; readonly claim?: unknown };
	if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED" && typeof claim === "string") return claimReason(claim, settings);
	return REASONS[String(code)] ?? `its token cannot be verified: ${messageOf(error)}`;
}
