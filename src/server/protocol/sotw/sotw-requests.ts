import type { SotwRequest } from "../../wire/discovery-request.js";
import { applyAck, type TakeBack } from "../acks/apply-ack.js";
import type { Ack } from "../acks/response-log.js";
import type { TypeStream } from "../acks/type-stream.js";
import type { NamesChange, SotwNames } from "./sotw-names.js";

/** What a request says. */
export interface SotwSaid {
	readonly ack: Ack | undefined;
	/** What it wants more or less; undefined if that is the same as before, or if it is stale. */
	readonly change: NamesChange | undefined;
	/** Whether the client waits for what it was sent before (R17). */
	readonly repeats: boolean;
}

/**
 * Reads the requests of a SotW stream: each lists all names, and acknowledges the response of its
 * nonce.
 */
export class SotwRequests {
	readonly #stream: TypeStream;
	readonly #names: SotwNames;
	readonly #takeBack: TakeBack;
	#started = false;

	constructor(stream: TypeStream, names: SotwNames, takeBack: TakeBack) {
		this.#stream = stream;
		this.#names = names;
		this.#takeBack = takeBack;
	}

	read(request: SotwRequest): SotwSaid {
		if (!this.#started) {
			this.#started = true;
			return { ack: undefined, change: this.#update(request), repeats: false };
		}
		const { log, nacks, onDue } = this.#stream;
		const { lastNonce } = log;
		const isAcknowledged = request.nonce === lastNonce && lastNonce !== "" && !log.isInFlight(lastNonce);
		const acknowledged = log.acknowledge(request.nonce, request.error, request.version);
		const ack = applyAck(acknowledged, this.#stream, this.#takeBack);
		if (nacks.isDue) onDue();
		if (lastNonce !== "" && request.nonce !== lastNonce) {
			this.#names.noteStale(request.names);
			return { ack, change: undefined, repeats: false };
		}
		const change = this.#update(request);
		// R17: a SotW Envoy whose cluster warms again repeats its request unchanged and waits for the
		// answer. A client that rejected the content would only reject it again (R7).
		return { ack, change, repeats: isAcknowledged && !change && !request.error && !nacks.nack };
	}

	#update({ names }: SotwRequest): NamesChange | undefined {
		const change = this.#names.update(names);
		const { nacks } = this.#stream;
		if (change && nacks.size > 0) {
			if (!this.#names.all) for (const name of change.removed) nacks.release(name);
			for (const name of change.added) nacks.release(name);
		}
		return change;
	}
}
