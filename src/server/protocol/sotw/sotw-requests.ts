import type { Steps } from "../../../util/steps.js";
import type { SotwRequest } from "../../wire/discovery-request.js";
import { applyAck, type TakeBack } from "../acks/apply-ack.js";
import type { Ack } from "../acks/response-log.js";
import type { TypeStream } from "../acks/type-stream.js";
import type { NamesChange, SotwNames } from "./sotw-names.js";

/** What a request says. */
export interface SotwSaid {
	readonly ack: Ack | undefined;
	/** What its names are to take(): nothing, where they are the very same list as before. */
	readonly names: "none" | "wanted" | "stale";
	/** Whether the client waits for what it was sent before, if its names are the same (R17). */
	readonly mayRepeat: boolean;
}

/**
 * Reads the requests of a SotW stream: each lists all names, and acknowledges the response of its
 * nonce.
 */
export class SotwRequests {
	readonly #stream: TypeStream;
	readonly #names: SotwNames;
	readonly #takeBack: TakeBack;

	constructor(stream: TypeStream, names: SotwNames, takeBack: TakeBack) {
		this.#stream = stream;
		this.#names = names;
		this.#takeBack = takeBack;
	}

	/** Reads all but the names. @throws RpcError if there are more than there may be. */
	read(request: SotwRequest): SotwSaid {
		this.#stream.checkNames(request.names.length);
		const { log, nacks, onDue } = this.#stream;
		const { lastNonce } = log;
		const isAcknowledged = request.nonce === lastNonce && lastNonce !== "" && !log.isInFlight(lastNonce);
		const acknowledged = log.acknowledge(request.nonce, request.error, request.version);
		const ack = applyAck(acknowledged, this.#stream, this.#takeBack);
		if (nacks.isDue) onDue();
		if (lastNonce !== "" && request.nonce !== lastNonce) return { ack, names: "stale", mayRepeat: false };
		const names = this.#names.areLast(request.names) ? "none" : "wanted";
		// R17: a SotW Envoy whose cluster warms again repeats its request unchanged and waits for the
		// answer. A client that rejected the content would only reject it again (R7).
		return { ack, names, mayRepeat: isAcknowledged && !request.error && !nacks.nack };
	}

	/**
	 * Takes the names.
	 * @returns what is wanted more or less; undefined if that is the same as before, or the names are stale.
	 */
	*take({ names }: SotwRequest, said: SotwSaid): Steps<NamesChange | undefined> {
		if (said.names === "stale") yield* this.#names.noteStale(names);
		if (said.names !== "wanted") return undefined;
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
