import { type JWTPayload, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AUDIENCE, ISSUER, TokenLab } from "../../../lab/token-lab.js";
import { keySetIn } from "../../../src/util/tokens/key-text.js";
import { TokenVerifier } from "../../../src/util/tokens/token-verifier.js";

/** Seconds since 1970 at which the clock stands. */
const NOW = 1_800_000_000;
const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: "a", exp: NOW + 100 };

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1_000 }));
afterEach(() => void vi.useRealTimers());

/** A verifier of an issuer's tokens, and what makes them. */
async function lab() {
	const issuer = await TokenLab.create();
	const stop = new AbortController();
	const verifier = new TokenVerifier(issuer.settings, { changed: () => {}, failed: () => {} });
	await verifier.start(stop.signal);
	const sign = (claims: JWTPayload) => {
		const { alg, kid, privateKey } = issuer.key;
		return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(privateKey);
	};
	return {
		issuer,
		verifier,
		verdict: async (claims: JWTPayload) => verifier.verify(await sign(claims)),
		sign,
		async [Symbol.asyncDispose]() {
			stop.abort();
			await issuer[Symbol.asyncDispose]();
		},
	};
}

const seconds = (after: number) => void vi.setSystemTime((NOW + after) * 1_000);

describe("a token", () => {
	it("is of its subject until its end, and 30 s longer as clocks differ", async () => {
		await using it = await lab();
		const token = await it.sign(CLAIMS);
		const verified = { identity: "token:a", until: (NOW + 130) * 1_000 };
		expect(await it.verifier.verify(token)).toEqual(verified);
		// What is known is told at once, as long as it counts.
		seconds(129);
		expect(it.verifier.verify(token)).toEqual(verified);
		expect(await it.verdict({ ...CLAIMS, jti: "other" })).toMatchObject({ identity: "token:a" });
		seconds(131);
		expect(await it.verifier.verify(token)).toEqual({ reason: "its token has expired" });
	});

	it("counts from nbf on, and 30 s earlier", async () => {
		await using it = await lab();
		expect(await it.verdict({ ...CLAIMS, nbf: NOW + 30 })).toMatchObject({ identity: "token:a" });
		expect(await it.verdict({ ...CLAIMS, nbf: NOW + 31 })).toEqual({ reason: "its token is not valid yet" });
	});

	it("is for one audience or for several", async () => {
		await using it = await lab();
		expect(await it.verdict({ ...CLAIMS, aud: ["other", AUDIENCE] })).toMatchObject({ identity: "token:a" });
		const { aud: _aud, ...forNobody } = CLAIMS;
		for (const claims of [...[["other"], [], "fingerpost2"].map((aud) => ({ ...CLAIMS, aud })), forNobody]) {
			const { reason } = (await it.verdict(claims)) as { reason: string };
			expect(reason).toBe("its token is not for the audience fingerpost");
		}
	});

	it("has an end and a subject", async () => {
		await using it = await lab();
		const { exp: _exp, ...endless } = CLAIMS;
		const { sub: _sub, ...nobody } = CLAIMS;
		expect(await it.verdict(endless)).toEqual({ reason: "its token has no exp that counts" });
		expect(await it.verdict(nobody)).toEqual({ reason: "its token has no sub that counts" });
		const odd = { reason: "the subject of its token is empty, too long or no plain text" };
		for (const sub of ["", "a\nb", "x".repeat(1_025)]) expect(await it.verdict({ ...CLAIMS, sub })).toEqual(odd);
	});

	it("without a signature, or signed with what everybody knows, does not count", async () => {
		await using it = await lab();
		const refused = { reason: "its token is signed in a way that does not count (alg)" };
		const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
		for (const alg of ["none", "None", "NONE"])
			expect(await it.verifier.verify(`${part({ alg })}.${part(CLAIMS)}.`)).toEqual(refused);
		const secret = Buffer.from(JSON.stringify(it.issuer.key.jwk));
		for (const alg of ["HS256", "HS384", "HS512"]) {
			const token = await new SignJWT(CLAIMS).setProtectedHeader({ alg, kid: "first" }).sign(secret);
			expect(await it.verifier.verify(token)).toEqual(refused);
		}
	});
});

describe("a key set", () => {
	it("has no secrets, and no keys for something else", () => {
		const set = (...keys: unknown[]) => keySetIn(JSON.stringify({ keys }), "f").keys.length;
		const [ec, secret] = [{ kty: "EC" }, { kty: "oct", k: "a" }];
		expect(set(ec, secret, { ...ec, use: "sig" }, { ...ec, use: "enc" }, null, "x")).toBe(2);
		for (const keys of [[], [secret], [null]]) expect(() => set(...keys)).toThrow("f holds no public key");
		expect(() => set(...Array(101).fill(ec))).toThrow("f holds more than 100 keys");
		expect(() => keySetIn("[", "f")).toThrow("f is not JSON");
		expect(() => keySetIn('{"keys": {}}', "f")).toThrow("it has no list of keys");
	});
});
