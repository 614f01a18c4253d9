import { createSecureContext, type SecureContext } from "node:tls";
import { messageOf, SourceFailed } from "../../util/errors.js";
import { FollowedFile } from "./followed-file.js";

/** Credentials and certificates, as the settings name them. Paths may begin with `~/`. */
export interface HttpAccessOptions {
	readonly token?: string | undefined;
	readonly tokenFile?: string | undefined;
	/** Certificate authorities, PEM; the system's unless given. */
	readonly ca?: string | undefined;
	/** The client's certificate and its key, PEM. */
	readonly cert?: string | undefined;
	readonly key?: string | undefined;
}

/** What a request brings. It stays the same object until a file changes. */
export interface Access {
	readonly token: string | undefined;
	/** Undefined where no file says anything of TLS. */
	readonly secureContext: SecureContext | undefined;
}

/** Reads tokens and certificates from their files, and follows these. */
export class HttpAccess {
	readonly #token: string | undefined;
	readonly #tokenFile: FollowedFile | undefined;
	readonly #tls: Readonly<Partial<Record<"ca" | "cert" | "key", FollowedFile>>>;
	#read: { readonly texts: string; readonly secureContext: SecureContext | undefined } | undefined;

	constructor({ token, tokenFile, ca, cert, key }: HttpAccessOptions) {
		this.#token = token;
		this.#tokenFile = tokenFile === undefined ? undefined : new FollowedFile(tokenFile);
		this.#tls = {
			...(ca !== undefined && { ca: new FollowedFile(ca) }),
			...(cert !== undefined && { cert: new FollowedFile(cert) }),
			...(key !== undefined && { key: new FollowedFile(key) }),
		};
	}

	/** @throws SourceFailed if a file cannot be read or used. */
	async current(): Promise<Access> {
		const [token, secureContext] = await Promise.all([this.#currentToken(), this.#currentContext()]);
		return { token, secureContext };
	}

	async #currentToken(): Promise<string | undefined> {
		if (!this.#tokenFile) return this.#token;
		const token = (await this.#tokenFile.text()).trim();
		if (token === "") throw new SourceFailed(`${this.#tokenFile.path} is empty: it is to hold a token`);
		if (!/^[\x21-\x7e]+$/.test(token)) {
			throw new SourceFailed(`${this.#tokenFile.path} holds no token: there are blanks or strange characters in it`);
		}
		return token;
	}

	async #currentContext(): Promise<SecureContext | undefined> {
		const files = Object.entries(this.#tls);
		if (files.length === 0) return undefined;
		const read = await Promise.all(files.map(async ([name, file]) => [name, await file.text()] as const));
		const texts = JSON.stringify(read);
		if (this.#read?.texts !== texts) this.#read = { texts, secureContext: this.#contextOf(Object.fromEntries(read)) };
		return this.#read.secureContext;
	}

	#contextOf(texts: Readonly<Record<string, string>>): SecureContext {
		try {
			// Node takes a file without a certificate for no authority at all.
			if (texts.ca !== undefined && !texts.ca.includes("-----BEGIN ")) throw new Error("ca holds no certificate");
			return createSecureContext(texts);
		} catch (cause) {
			const paths = Object.entries(this.#tls).map(([name, { path }]) => `${name} ${path}`);
			throw new SourceFailed(`TLS cannot begin with ${paths.join(", ")}: ${messageOf(cause)}`, { cause });
		}
	}
}
