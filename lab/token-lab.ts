import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

export const ISSUER = "https://issuer.test";
export const AUDIENCE = "fingerpost";

interface Key {
	readonly kid: string;
	readonly alg: string;
	readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
	readonly jwk: JWK;
}

export interface TokenOptions {
	/** Seconds from now on. */
	readonly expiresIn?: number;
	readonly issuer?: string;
	readonly audience?: string | string[];
	readonly key?: Key;
}

/** An issuer of tokens, with its keys in a file: `keys.json`. */
export class TokenLab implements AsyncDisposable {
	readonly folder: string;
	key: Key;

	private constructor(folder: string, key: Key) {
		this.folder = folder;
		this.key = key;
	}

	static async create(alg = "ES256"): Promise<TokenLab> {
		const lab = new TokenLab(await mkdtemp(join(tmpdir(), "fingerpost-tokens-")), await TokenLab.newKey("first", alg));
		await lab.publish([lab.key]);
		return lab;
	}

	static async newKey(kid: string, alg = "ES256"): Promise<Key> {
		const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
		return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
	}

	get jwks(): string {
		return join(this.folder, "keys.json");
	}

	get settings() {
		return { issuer: ISSUER, audience: AUDIENCE, jwks: this.jwks };
	}

	/** These are the issuer's keys from now on. */
	async publish(keys: readonly Key[]): Promise<void> {
		await this.put("keys.json", JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
	}

	/** By a rename, so that nobody reads half of it. */
	async put(name: string, text: string): Promise<string> {
		const path = join(this.folder, name);
		await writeFile(`${path}.new`, text);
		await rename(`${path}.new`, path);
		return path;
	}

	token(subject: string, options: TokenOptions = {}): Promise<string> {
		const { expiresIn = 3_600, issuer = ISSUER, audience = ["other", AUDIENCE], key = this.key } = options;
		const now = Math.floor(Date.now() / 1_000);
		return new SignJWT({ sub: subject, iss: issuer, aud: audience, iat: now, exp: now + expiresIn })
			.setProtectedHeader({ alg: key.alg, kid: key.kid })
			.sign(key.privateKey);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.folder, { recursive: true, force: true });
	}
}
