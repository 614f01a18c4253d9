import type { Nack, VersionAt } from "./client-status.js";
import type { RequestError } from "./discovery-request.js";

/** A response that was sent and not answered yet. */
export interface SentResponse {
	readonly nonce: string;
	readonly version: string;
	/** The names of what was in it. */
	readonly names: readonly string[];
	/** When the oldest change in it was made, in `performance.now()`; unset where it only answers a request. */
	readonly since: number | undefined;
}

/** What became of a response, for those who count and log. */
export type Answer =
	| { readonly kind: "ack"; readonly response: SentResponse }
	| { readonly kind: "nack"; readonly response: SentResponse; readonly error: string; readonly first: boolean };

/** A client that never answers is no reason to remember everything it was sent. */
const MAX_UNANSWERED = 64;

/** The responses of one type on one stream, and the client's answers to them, matched by nonce (R5). */
export class ResponseLog {
	#lastNonce = "";
	#lastSequence = 0;
	#sent: VersionAt | null = null;
	#acked: VersionAt | null = null;
	#nacked: Nack | null = null;
	#unanswered: SentResponse[] = [];

	/** The nonce of the newest response, empty if there was none. */
	get lastNonce(): string {
		return this.#lastNonce;
	}

	/** The number that the newest nonce was made of. */
	get lastSequence(): number {
		return this.#lastSequence;
	}

	get sent(): VersionAt | null {
		return this.#sent;
	}

	get acked(): VersionAt | null {
		return this.#acked;
	}

	get nacked(): Nack | null {
		return this.#nacked;
	}

	get unanswered(): number {
		return this.#unanswered.length;
	}

	isUnanswered(nonce: string): boolean {
		return this.#unanswered.some((response) => response.nonce === nonce);
	}

	/** Whether the name was in a rejected response: a cluster that warms on what Envoy rejects would lose its endpoints (R7). */
	isRejected(name: string): boolean {
		return this.#nacked?.resources.includes(name) ?? false;
	}

	record(sequence: number, response: SentResponse): void {
		this.#lastSequence = sequence;
		this.#lastNonce = response.nonce;
		this.#sent = { version: response.version, at: new Date() };
		if (this.#unanswered.length >= MAX_UNANSWERED) this.#unanswered.shift();
		this.#unanswered.push(response);
	}

	/** The client brought this version and it is the present one: nothing need be sent for it to have it. */
	alreadyHas(version: string): void {
		this.#sent = this.#acked = { version, at: new Date() };
	}

	/**
	 * Takes an ACK or NACK of the nonce.
	 * @param sotwVersion the request's version_info, by which one exception is known (R5): after a NACK that it withheld,
	 *   Envoy's ACK of the next version may still carry the old error.
	 * @returns undefined if the nonce is unknown or was answered before.
	 */
	answer(nonce: string, error: RequestError | undefined, sotwVersion?: string): Answer | undefined {
		const index = this.#unanswered.findIndex((response) => response.nonce === nonce);
		if (index < 0) return undefined;
		const response = this.#unanswered[index] as SentResponse;
		const carriesOldError =
			index > 0 &&
			nonce === this.#lastNonce &&
			sotwVersion === response.version &&
			sotwVersion !== this.#acked?.version;
		this.#unanswered.splice(0, index + 1);
		const at = new Date();
		if (error && !carriesOldError) {
			const first = this.#nacked?.version !== response.version || this.#nacked.error !== error.message;
			this.#nacked = { version: response.version, resources: response.names, error: error.message, at };
			return { kind: "nack", response, error: error.message, first };
		}
		this.#acked = { version: response.version, at };
		this.#nacked = null;
		return { kind: "ack", response };
	}
}
