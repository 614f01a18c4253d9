import { createHash } from "node:crypto";
import type { JSONWebKeySet, JWTPayload } from "jose";
import { FollowedKeys, type KeyObserver, type KeyTimes } from "./followed-keys.js";
import { refusalOf } from "./token-refusal.js";
import type { TokenSettings } from "./token-settings.js";

/** Signatures by private keys. None with a secret that both sides share, and no token without one. */
const ALGORITHMS = [
	...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
	...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
/** Seconds by which clocks may differ. */
const LEEWAY_S = 30;
/** Characters of a token. */
const MAX_LENGTH = 8_192;
const MAX_SUBJECT = 1_024;
/** Tokens that are remembered, and for how long those that do not count: milliseconds. */
const MAX_KNOWN = 10_000;
const REFUSED_MS = 10_000;
/** Tokens that are verified at a time; more are to come again. */
const MAX_AT_ONCE = 256;

/** Whose a token is, and until when it counts: milliseconds since 1970, with the leeway. */
export interface Verified {
	readonly identity: string;
	readonly until: number;
}

/** Why a token does not count, in words, or that it is to be tried again. */
export interface Refused {
	readonly reason: string;
	readonly isBusy?: boolean;
}

export type TokenVerdict = Verified | Refused;

export interface TokenVerifierOptions extends KeyTimes {
	/** Milliseconds since 1970; the system's clock unless given. */
	readonly now?: () => number;
}

type KeyOf = ReturnType<typeof import("jose").createLocalJWKSet>;

interface Signed {
	readonly payload: JWTPayload;
	/** Among which its key was found. */
	readonly keyOf: KeyOf;
}

interface Known {
	readonly verdict: TokenVerdict;
	readonly until: number;
}

/** Verifies an issuer's JSON Web Tokens, each once as long as it counts. */
export class TokenVerifier {
	readonly #settings: TokenSettings;
	readonly #keys: FollowedKeys;
	readonly #now: () => number;
	#jose: typeof import("jose") | undefined;
	#set: JSONWebKeySet | undefined;
	#keyOf: KeyOf | undefined;
	/** By the digest of the token. The oldest make room. */
	readonly #known = new Map<string, Known>();
	#running = 0;

	constructor(settings: TokenSettings, observer: KeyObserver, { now = Date.now, ...times }: TokenVerifierOptions = {}) {
		this.#settings = settings;
		this.#now = now;
		const changed = (keys: JSONWebKeySet) => {
			this.#use(keys);
			observer.changed(keys);
		};
		this.#keys = new FollowedKeys(settings, { changed, failed: (error) => observer.failed(error) }, times);
	}

	/** Reads the keys, and follows them until the signal fires. @throws as FollowedKeys. */
	async start(signal: AbortSignal): Promise<void> {
		this.#jose = await import("jose");
		await this.#keys.start(signal);
		if (this.#set) this.#use(this.#set);
	}

	/** @returns at once where the token was verified before. */
	verify(token: string): TokenVerdict | Promise<TokenVerdict> {
		if (token.length > MAX_LENGTH) return { reason: `its token has more than ${MAX_LENGTH} characters` };
		const digest = createHash("sha256").update(token).digest("base64");
		const known = this.#known.get(digest);
		if (known && known.until > this.#now()) return known.verdict;
		if (this.#running >= MAX_AT_ONCE) return { reason: "too many tokens are verified at this time", isBusy: true };
		this.#running++;
		return this.#verify(token)
			.then(({ verdict, keyOf }) => {
				// What other keys have said counts no longer.
				if (keyOf === this.#keyOf) this.#remember(digest, verdict);
				return verdict;
			})
			.finally(() => this.#running--);
	}

	/** Never rejects. */
	async #verify(token: string) {
		try {
			const { payload, keyOf } = await this.#payload(token);
			return { verdict: this.#verdict(payload), keyOf };
		} catch (error) {
			return { verdict: { reason: refusalOf(error, this.#settings) }, keyOf: this.#keyOf };
		}
	}

	async #payload(token: string): Promise<Signed> {
		const { jose } = this.#ready();
		try {
			return await this.#signed(token);
		} catch (error) {
			if (!(error instanceof jose.errors.JWKSNoMatchingKey)) throw error;
			const before = this.#keyOf;
			await this.#keys.lookAgain();
			if (before === this.#keyOf) throw error;
			return this.#signed(token);
		}
	}

	async #signed(token: string): Promise<Signed> {
		const { jose, keyOf } = this.#ready();
		const { issuer, audience } = this.#settings;
		const { payload } = await jose.jwtVerify(token, keyOf, {
			issuer,
			audience,
			algorithms: ALGORITHMS,
			clockTolerance: LEEWAY_S,
			requiredClaims: ["exp", "sub"],
			currentDate: new Date(this.#now()),
		});
		return { payload, keyOf };
	}

	#verdict({ sub = "", exp = 0 }: JWTPayload): TokenVerdict {
		if (sub === "" || sub.length > MAX_SUBJECT || !/^\P{C}+$/u.test(sub))
			return { reason: "the subject of its token is empty, too long or no plain text" };
		return { identity: `token:${sub}`, until: (exp + LEEWAY_S) * 1_000 };
	}

	#remember(digest: string, verdict: TokenVerdict): void {
		const until = "identity" in verdict ? verdict.until : this.#now() + REFUSED_MS;
		this.#known.delete(digest);
		this.#known.set(digest, { verdict, until });
		if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.keys().next().value as string);
	}

	#use(keys: JSONWebKeySet): void {
		this.#set = keys;
		this.#known.clear();
		this.#keyOf = this.#jose?.createLocalJWKSet(keys);
	}

	#ready() {
		const [jose, keyOf] = [this.#jose, this.#keyOf];
		if (!jose || !keyOf) throw new Error("the keys of the issuer are not known yet");
		return { jose, keyOf };
	}
}
