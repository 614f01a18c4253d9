import type { EncodedResource } from "../../resources/encoded-resource.js";

/** What is in a response: one object for all streams that got it. */
export interface ResponseContent {
	readonly resources: readonly EncodedResource[];
	/** Names that are gone. */
	readonly removed: readonly string[];
	/** Whether a client has ACKed it. */
	accepted: boolean;
}

/**
 * What is equal for responses of the same content: a text, the only resource in it, or the names
 * that it is the initial response for.
 */
export type ResponseKey = string | EncodedResource | ReadonlySet<string>;

/** An encoded response, and the number that its nonce is the text of. */
export interface EncodedResponse {
	readonly sequence: number;
	readonly nonce: string;
	/** As it crosses the wire. */
	readonly frame: Buffer;
	readonly content: ResponseContent;
}

/**
 * A response is kept for 1 to 2 s, for streams that need the same: long enough for a crowd that
 * reconnects.
 */
const KEEP_MS = 1_000;
/** More responses than this are not kept at a time. */
const MAX_ENTRIES = 256;
/** Nor more bytes: each client could ask for other large ones. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Memo of encoded responses: streams that are sent the same share one buffer and one nonce. */
export class EncodedResponses {
	readonly #entries = new Map<ResponseKey, EncodedResponse>();
	#bytes = 0;
	#timer: NodeJS.Timeout | undefined;
	/** Whether the oldest entry is younger than the timer. */
	#begun = false;

	/**
	 * @param after the newest nonce that the stream has seen of the type: no response may repeat one
	 *   (R4).
	 */
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

	/** The timer runs on: to restart it at every change would cost more. */
	clear(): void {
		this.#entries.clear();
		this.#bytes = 0;
	}

	#expire(): void {
		this.#timer = this.#begun ? setTimeout(() => this.#expire(), KEEP_MS).unref() : undefined;
		if (!this.#begun) this.clear();
		this.#begun = false;
	}
}
