import type { EncodedResource } from "../../resources/encoded-resource.js";

/** What is in a response, whoever got it. */
export interface ResponseContent {
	readonly resources: readonly EncodedResource[];
	/** Names that are gone. */
	readonly removed: readonly string[];
	/** Whether a client has ACKed it. */
	accepted: boolean;
}

/** What is equal for responses of the same content: a text, what is alone in it, or the names that it is the first answer to. */
export type ResponseKey = string | EncodedResource | ReadonlySet<string>;

/** An encoded response, and the number that its nonce is the text of. */
export interface EncodedResponse {
	readonly sequence: number;
	readonly nonce: string;
	/** As it crosses the wire. */
	readonly frame: Buffer;
	readonly content: ResponseContent;
}

/** How long a response is kept at least, and twice as long at most, for the next stream that needs the same: long enough for a crowd that reconnects. */
const KEEP_MS = 1_000;
/** More different responses than this are not worth keeping at a time. */
const MAX_ENTRIES = 256;
/** Nor are more bytes: each client could ask for other large ones. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The responses of one resource set that were sent a moment ago. A change of the set empties it. */
export class EncodedResponses {
	readonly #entries = new Map<ResponseKey, EncodedResponse>();
	#bytes = 0;
	#timer: NodeJS.Timeout | undefined;
	/** Whether the first of them was set since the timer began. */
	#begun = false;

	/** @param after the newest nonce that the stream has seen of the type: no response may repeat one (R4). */
	get(key: ResponseKey, after: number): EncodedResponse | undefined {
		const entry = this.#entries.get(key);
		return entry !== undefined && entry.sequence > after ? entry : undefined;
	}

	set(key: ResponseKey, response: EncodedResponse): void {
		const bytes = response.frame.byteLength;
		if (this.#entries.size >= MAX_ENTRIES || this.#bytes + bytes > MAX_BYTES) {
			this.#entries.clear();
			this.#bytes = 0;
		}
		if (this.#bytes === 0) this.#begun = true;
		this.#entries.set(key, response);
		this.#bytes += bytes;
		this.#timer ??= setTimeout(() => this.#expire(), KEEP_MS).unref();
	}

	/** The timer runs on: it would be begun again at every change. */
	clear(): void {
		if (this.#bytes === 0) return;
		this.#entries.clear();
		this.#bytes = 0;
	}

	#expire(): void {
		this.#timer = this.#begun ? setTimeout(() => this.#expire(), KEEP_MS).unref() : undefined;
		if (!this.#begun) this.clear();
		this.#begun = false;
	}
}
