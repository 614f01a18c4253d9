import type { ResponseContent } from "../../../cache/memo/encoded-responses.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import type { Steps } from "../../../util/steps.js";
import type { RequestError } from "../../wire/read-error.js";
import type { Outcome } from "./nacks.js";

export interface VersionAt {
	readonly version: string;
	readonly at: Date;
}

/** A response that was sent. */
export interface SentResponse {
	readonly nonce: string;
	readonly version: string;
	readonly content: ResponseContent;
	/**
	 * The versions that the client had of the resources before, in their order; empty for complete
	 * sets.
	 */
	replacedVersions: readonly string[];
	/** Whether it is a part of a rejected response, to find out what of it is rejected. */
	readonly probe: boolean;
	/**
	 * When the oldest change in it was made, in `performance.now()`; unset where it only answers a
	 * request.
	 */
	readonly since: number | undefined;
	/** In milliseconds since 1970; set when it is recorded. */
	sentAt?: number;
}

/** A request that acknowledges a response: an ACK or a NACK. */
export type Ack = (
	| { readonly kind: "ack"; readonly response: SentResponse }
	| {
			readonly kind: "nack";
			readonly response: SentResponse;
			readonly error: string;
			/** False if the client said the same before, or says it of a probe. */
			readonly first: boolean;
	  }
) & {
	/** An older probe in flight will not be acknowledged any more. */
	readonly probeSkipped: boolean;
	/** The outcome of a search for culprits that ends with it. */
	readonly outcome?: Outcome;
};

/** The time as a number: one is kept for every push and stream. */
interface VersionAtMs {
	readonly version: string;
	readonly at: number;
}

/** Responses in flight that are remembered, of a client that never acknowledges. */
const MAX_IN_FLIGHT = 64;

/** The responses of one type on one stream, and their ACKs and NACKs, matched by nonce (R5, R27). */
export class ResponseLog {
	#lastNonce = "";
	#lastSequence = 0;
	#sent: VersionAtMs | undefined;
	#acked: VersionAtMs | undefined;
	#lastNack = { version: "", error: "" };
	#inFlight: SentResponse[] = [];

	/** The nonce of the newest response, empty if there was none. */
	get lastNonce(): string {
		return this.#lastNonce;
	}

	/** The number that the newest nonce was made of. */
	get lastSequence(): number {
		return this.#lastSequence;
	}

	get sent(): VersionAt | null {
		return shown(this.#sent);
	}

	get acked(): VersionAt | null {
		return shown(this.#acked);
	}

	get inFlight(): number {
		return this.#inFlight.length;
	}

	/** The names of the resources in flight. */
	*inFlightNames(): Steps<ReadonlySet<string>> {
		const names = new Set<string>();
		for (const { content } of this.#inFlight) {
			for (const { name } of content.resources) {
				names.add(name);
				yield;
			}
		}
		return names;
	}

	isInFlight(nonce: string): boolean {
		return this.#inFlight.some((response) => response.nonce === nonce);
	}

	/** Whether a resource of that name is in flight. For a single name: it looks through all. */
	hasInFlight(name: string): boolean {
		return this.#inFlight.some(({ content }) => content.resources.some((resource) => resource.name === name));
	}

	/** The names of these resources that are in flight, too. */
	alsoInFlight(resources: readonly EncodedResource[]): ReadonlySet<string> {
		const also = new Set<string>();
		const names = new Set(resources.map(({ name }) => name));
		for (const { content } of this.#inFlight) {
			for (const { name } of content.resources) if (names.has(name)) also.add(name);
		}
		return also;
	}

	/**
	 * The response is rejected, so the client never had its resources. Later responses in flight
	 * assume that it had: what they replace is what the rejected one was to replace.
	 */
	correctLater({ content, replacedVersions }: SentResponse): void {
		const before = new Map<string | undefined, { readonly version: string; readonly had: string }>(
			content.resources.map(({ name, version }, i) => [name, { version, had: replacedVersions[i] ?? "" }]),
		);
		for (const later of this.#inFlight) {
			later.replacedVersions = later.replacedVersions.map((version, i) => {
				const rejected = before.get(later.content.resources[i]?.name);
				return version === rejected?.version ? rejected.had : version;
			});
		}
	}

	record(sequence: number, response: SentResponse): void {
		this.#lastSequence = sequence;
		this.#lastNonce = response.nonce;
		response.sentAt = Date.now();
		this.#sent = { version: response.version, at: response.sentAt };
		if (this.#inFlight.length >= MAX_IN_FLIGHT) this.#inFlight.shift();
		this.#inFlight.push(response);
	}

	/** The client came with the present version: it counts as sent and ACKed. */
	alreadyHas(version: string): void {
		this.#sent = this.#acked = { version, at: Date.now() };
	}

	/**
	 * Takes an ACK or NACK of the nonce.
	 * @param sotwVersion the request's version_info, by which one exception is known (R5): after a
	 *   NACK that it withheld, Envoy's ACK of the next version may still carry the old error.
	 * @returns undefined if the nonce is unknown or was acknowledged before.
	 */
	acknowledge(nonce: string, error: RequestError | undefined, sotwVersion?: string): Ack | undefined {
		const index = this.#inFlight.findIndex((each) => each.nonce === nonce);
		const response = this.#inFlight[index];
		if (!response) return undefined;
		const carriesOldError =
			index > 0 &&
			nonce === this.#lastNonce &&
			sotwVersion === response.version &&
			sotwVersion !== this.#acked?.version;
		const probeSkipped = index > 0 && this.#inFlight.slice(0, index).some(({ probe }) => probe);
		if (this.#inFlight.length === 1) this.#inFlight.pop();
		else this.#inFlight.splice(0, index + 1);
		if (error && !carriesOldError) {
			const { version } = response;
			const first = !response.probe && (this.#lastNack.version !== version || this.#lastNack.error !== error.message);
			this.#lastNack = { version, error: error.message };
			return { kind: "nack", response, error: error.message, first, probeSkipped };
		}
		this.#acked = { version: response.version, at: Date.now() };
		return { kind: "ack", response, probeSkipped };
	}
}

function shown(moment: VersionAtMs | undefined): VersionAt | null {
	return moment ? { version: moment.version, at: new Date(moment.at) } : null;
}
