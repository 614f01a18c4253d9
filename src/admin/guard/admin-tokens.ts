import { createHash, timingSafeEqual } from "node:crypto";
import { readTextFile } from "../../util/files/read-text-file.js";
import { watchFile } from "../../util/files/watch-file.js";

export const ROLES = ["viewer", "operator"] as const;
/** A viewer may read; an operator may change something, too. */
export type Role = (typeof ROLES)[number];

/** By role, the path of a file with a token a line. */
export type TokenFiles = Readonly<Partial<Record<Role, string | undefined>>>;

export interface TokenObserver {
	/** Other tokens count from now on. */
	changed(role: Role): void;
	/** The file cannot be used; the tokens that counted still do. Told once until that changes. */
	failed(role: Role, error: Error): void;
}

const MAX_BYTES = 64 * 1024;
/** Several at a time let one be replaced by the next. */
const MAX_TOKENS = 100;

/** Who may do what, by bearer tokens in files that are followed. */
export class AdminTokens {
	readonly #files: TokenFiles;
	readonly #observer: TokenObserver;
	/** Digests have one length, whatever was sent. */
	readonly #digests = new Map<Role, readonly Buffer[]>();

	constructor(files: TokenFiles, observer: TokenObserver) {
		this.#files = files;
		this.#observer = observer;
	}

	/**
	 * Reads the files, and follows them until the signal fires.
	 * @throws Error with a message for people if one cannot be used.
	 */
	async start(signal: AbortSignal): Promise<void> {
		for (const role of ROLES) {
			const path = this.#files[role];
			if (path === undefined) continue;
			const { content } = await readTextFile(path, { maxBytes: MAX_BYTES, signal });
			this.#digests.set(role, tokensIn(content, path));
			const failed = (error: Error) => this.#observer.failed(role, error);
			const changed = (file: { readonly content: string }) => {
				try {
					this.#digests.set(role, tokensIn(file.content, path));
					this.#observer.changed(role);
				} catch (error) {
					failed(error as Error);
				}
			};
			watchFile(path, { changed, failed }, { signal, maxBytes: MAX_BYTES, known: (text) => text === content });
		}
	}

	/** @param header `authorization`. @returns undefined for who brings no token that counts. */
	roleOf(header: string | undefined): Role | undefined {
		const token = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
		if (token === undefined) return undefined;
		const digest = digestOf(token);
		let found: Role | undefined;
		// All are compared, in the same time, whichever it is.
		for (const role of ROLES)
			for (const each of this.#digests.get(role) ?? []) if (timingSafeEqual(each, digest)) found = role;
		return found;
	}
}

/** @throws Error if there is none, or too many. */
function tokensIn(content: string, path: string): readonly Buffer[] {
	const tokens = content.split(/\s+/).filter(Boolean);
	if (tokens.length === 0) throw new Error(`${path} holds no token`);
	if (tokens.length > MAX_TOKENS) throw new Error(`${path} holds more than ${MAX_TOKENS} tokens`);
	return tokens.map(digestOf);
}

function digestOf(token: string): Buffer {
	return createHash("sha256").update(token).digest();
}
