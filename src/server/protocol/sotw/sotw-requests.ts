import type { Steps } from "../../../util/steps.js";
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

	*read(request: SotwRequest): Steps<SotwSaid> {
		if (!this.#started) {
			this.#started = true;
			return { ack: undefined, change: yield* this.#update(request), repeats: false };
		}
		const { log, nacks, onDue } = this.#stream;
		const { lastNonce } = log;
		const isAcknowledged = request.nonce === lastNonce && lastNonce !== "" && !log.isInFlight(lastNonce);
		const acknowledged = log.acknowledge(request.nonce, request.error, request.version);
		const ack = applyAck(acknowledged, this.#stream, this.#takeBack);
		if (nacks.isDue) onDue();
		if (lastNonce !== "" && request.nonce !== lastNonce) {
			yield* this.#names.noteStale(request.names);
			return { ack, change: undefined, repeats: false };
		}
		const change = yield* this.#update(request);
		// R17: a SotW Envoy whose cluster warms again repeats its request unchanged and waits for the
		// answer. A client that rejected the content would only reject it again (R7).
		return { ack, change, repeats: isAcknowledged && !change && !request.error && !nacks.nack };
	}

	*#update({ names }: SotwRequest): Steps<NamesChange | undefined> {
		const change = yield* this.#names.update(names);
		if (!change) return undefined;
		if (!this.#names.all) yield* this.#release(change.removed);
		yield* this.#release(change.added);
		return change;
	}

	*#release(names: Iterable<string>): Steps<void> {
		const { nacks } = this.#stream;
		if (nacks.size === 0) return;
		for (const name of names) {
			yield;
			nacks.release(name);
		}
	}
}
