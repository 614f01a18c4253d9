import type { TokenVerdict } from "../../util/tokens/token-verifier.js";

/** What a call comes with. */
export interface Credentials {
	/** Its header of this name. */
	readonly authorization: string | undefined;
	/** What stands for who has proved nothing by a token: of its certificate, or of where it came in. */
	readonly identity: string | undefined;
	/** Whether nobody else can read along. */
	readonly isEncrypted: boolean;
	/** Whether it came in where nobody has to prove anything. */
	readonly isOpen: boolean;
}

/** Who a caller has proved to be. */
export interface Proven {
	readonly identity: string | undefined;
	/** When its token ends, in milliseconds since 1970; undefined where that is not what it is known by. */
	readonly until?: number;
}

/** Why a caller is refused, in words. */
export interface Unproven {
	readonly reason: string;
	/** Whether it may try again as it is. */
	readonly isBusy?: boolean;
}

export interface Tokens {
	verify(token: string): TokenVerdict | Promise<TokenVerdict>;
}

const SCHEME = "bearer ";

/** Decides who a caller is: by its token, else by its certificate. */
export class Authentication {
	readonly #tokens: Tokens | undefined;
	readonly #inClear: boolean;

	/** @param tokens none count unless given. @param inClear whether they may come in clear. */
	constructor(tokens?: Tokens, inClear = false) {
		this.#tokens = tokens;
		this.#inClear = inClear;
	}

	/** Whether a client may come without a certificate, as it may bring a token. */
	get takesTokens(): boolean {
		return this.#tokens !== undefined;
	}

	/** @returns at once, unless a token is to be verified. */
	of({ authorization, identity, isEncrypted, isOpen }: Credentials): Proven | Unproven | Promise<Proven | Unproven> {
		if (!this.#tokens) return { identity };
		if (authorization === undefined) {
			const isKnown = identity !== undefined || isOpen;
			return isKnown ? { identity } : { reason: "it brings neither a certificate nor a token" };
		}
		if (!isEncrypted && !this.#inClear) return { reason: "it brings its token in clear" };
		if (authorization.slice(0, SCHEME.length).toLowerCase() !== SCHEME)
			return { reason: "its authorization is no bearer token" };
		return this.#tokens.verify(authorization.slice(SCHEME.length).trim());
	}
}

export function isProven(found: Proven | Unproven): found is Proven {
	return !("reason" in found);
}
