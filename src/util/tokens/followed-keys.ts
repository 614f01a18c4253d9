import type { JSONWebKeySet } from "jose";
import { messageOf } from "../errors.js";
import { readTextFile } from "../files/read-text-file.js";
import { watchFile } from "../files/watch-file.js";
import { fetchText } from "./fetch-text.js";
import { keySetIn, MAX_KEY_SET_BYTES } from "./key-text.js";
import type { TokenSettings } from "./token-settings.js";

/** Milliseconds between two readings of a URL; of the second, where the first failed or a key is not known. */
const AGAIN_MS = 5 * 60_000;
const SOON_MS = 10_000;
const TIMEOUT_MS = 10_000;

export interface KeyObserver {
	/** Other keys count from now on. */
	changed(keys: JSONWebKeySet): void;
	/** The keys cannot be read; those that counted still do. Told once until that changes. */
	failed(error: Error): void;
}

export interface KeyTimes {
	readonly again?: number;
	readonly soon?: number;
}

/** An issuer's public keys, from a file that is followed or a URL that is read again and again. */
export class FollowedKeys {
	readonly #jwks: string;
	readonly #ca: string | undefined;
	readonly #observer: KeyObserver;
	readonly #times: Required<KeyTimes>;
	#text: string | undefined;
	#failure: string | undefined;
	/** When the URL was read last, in `performance.now()`. */
	#at = Number.NEGATIVE_INFINITY;
	#reading: Promise<void> | undefined;
	#timer: NodeJS.Timeout | undefined;
	#signal = AbortSignal.abort();

	/** @param times milliseconds: between two readings, and where a key is not known or the last one failed. */
	constructor(settings: Pick<TokenSettings, "jwks" | "ca">, observer: KeyObserver, times: KeyTimes = {}) {
		this.#jwks = settings.jwks;
		this.#ca = settings.ca;
		this.#observer = observer;
		this.#times = { again: AGAIN_MS, soon: SOON_MS, ...times };
	}

	/**
	 * Reads the keys, and follows them until the signal fires. A URL that cannot be read is tried again.
	 * @throws Error with a message for people if a file cannot be used.
	 */
	async start(signal: AbortSignal): Promise<void> {
		this.#signal = signal;
		signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
		if (this.#isUrl) {
			if (this.#ca !== undefined) await readTextFile(this.#ca, { maxBytes: MAX_KEY_SET_BYTES, signal });
			await this.#read();
			return;
		}
		const options = { maxBytes: MAX_KEY_SET_BYTES, signal };
		this.#take((await readTextFile(this.#jwks, options)).content);
		const failed = (error: Error) => this.#fail(error);
		const changed = ({ content }: { readonly content: string }) => this.#tryToTake(content);
		watchFile(this.#jwks, { changed, failed }, { ...options, known: (text) => text === this.#text });
	}

	/** A token names a key that is not there: reads the URL once more, unless it was read just now. */
	async lookAgain(): Promise<void> {
		if (!this.#isUrl) return;
		if (this.#reading || performance.now() - this.#at >= this.#times.soon) await this.#read();
	}

	get #isUrl(): boolean {
		return this.#jwks.startsWith("https://");
	}

	/** Never rejects. */
	#read(): Promise<void> {
		this.#reading ??= this.#fetch().finally(() => {
			this.#reading = undefined;
		});
		return this.#reading;
	}

	async #fetch(): Promise<void> {
		const signal = this.#signal;
		if (signal.aborted) return;
		clearTimeout(this.#timer);
		this.#at = performance.now();
		try {
			const ca = this.#ca && (await readTextFile(this.#ca, { maxBytes: MAX_KEY_SET_BYTES, signal })).content;
			const text = await fetchText(this.#jwks, { ca, maxBytes: MAX_KEY_SET_BYTES, timeout: TIMEOUT_MS, signal });
			this.#tryToTake(text);
		} catch (error) {
			this.#fail(error);
		}
		if (signal.aborted) return;
		const { again, soon } = this.#times;
		this.#timer = setTimeout(() => void this.#read(), this.#failure === undefined ? again : soon).unref();
	}

	#tryToTake(text: string): void {
		try {
			this.#take(text);
		} catch (error) {
			this.#fail(error);
		}
	}

	#take(text: string): void {
		const keys = text === this.#text ? undefined : keySetIn(text, this.#jwks);
		this.#failure = undefined;
		this.#text = text;
		if (keys) this.#observer.changed(keys);
	}

	#fail(error: unknown): void {
		const message = messageOf(error);
		if (this.#signal.aborted || message === this.#failure) return;
		this.#failure = message;
		this.#observer.failed(error instanceof Error ? error : new Error(message));
	}
}
