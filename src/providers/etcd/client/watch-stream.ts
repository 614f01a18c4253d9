import type { ClientDuplexStream } from "@grpc/grpc-js";
import { endOfPrefix, type WatchRequest, type WatchResponse } from "./etcd-calls.js";

/** What a watch is told. */
export interface PrefixWatcher {
	readonly prefix: Buffer;
	/** The watch has begun. */
	opened(): void;
	/** Its events, or word that there are none up to a revision. */
	arrived(response: WatchResponse): void;
	/**
	 * It has not begun, or has ended.
	 * @param compacted whether it would begin before what etcd still has.
	 */
	refused(reason: string, compacted: boolean): void;
}

/** A watch of the stream. */
export interface StreamWatch {
	/** When it was asked for, by performance.now(); undefined once it has begun. */
	readonly pendingSince: number | undefined;
	end(): void;
}

interface Entry {
	readonly watcher: PrefixWatcher;
	pendingSince: number | undefined;
	id: number | undefined;
	ended: boolean;
}

/**
 * Many watches on one stream. etcd numbers them, and answers the requests to begin one in their order, also those that
 * it refuses and gives no number.
 */
export class WatchStream {
	readonly #call: ClientDuplexStream<WatchRequest, WatchResponse>;
	readonly #asked: Entry[] = [];
	readonly #watches = new Map<number, Entry>();

	/** @param failed called once, with why the stream has ended. */
	constructor(call: ClientDuplexStream<WatchRequest, WatchResponse>, failed: (reason: unknown) => void) {
		this.#call = call;
		call.on("data", (response: WatchResponse) => this.#take(response));
		call.on("error", failed);
		call.on("end", () => failed(new Error("etcd ended the stream of watches")));
	}

	/** @param startRevision the first that is told of. */
	watch(watcher: PrefixWatcher, startRevision: number): StreamWatch {
		const entry: Entry = { watcher, pendingSince: performance.now(), id: undefined, ended: false };
		this.#asked.push(entry);
		const { prefix: key } = watcher;
		const range = { key, rangeEnd: endOfPrefix(key) };
		this.#call.write({ createRequest: { ...range, startRevision, progressNotify: true, fragment: true } });
		return {
			get pendingSince() {
				return entry.pendingSince;
			},
			end: () => this.#end(entry),
		};
	}

	/** Ends all watches. */
	close(): void {
		this.#watches.clear();
		for (const entry of this.#asked) entry.ended = true;
		this.#call.cancel();
	}

	#end(entry: Entry): void {
		if (entry.ended) return;
		entry.ended = true;
		if (entry.id === undefined) return;
		this.#watches.delete(entry.id);
		this.#cancel(entry.id);
	}

	#cancel(watchId: number): void {
		this.#call.write({ cancelRequest: { watchId } });
	}

	#take(response: WatchResponse): void {
		if (response.created) this.#begun(response);
		else if (response.canceled) {
			const entry = this.#watches.get(response.watchId);
			this.#watches.delete(response.watchId);
			if (entry) refuse(entry, response);
		} else this.#watches.get(response.watchId)?.watcher.arrived(response);
	}

	#begun(response: WatchResponse): void {
		const entry = this.#asked.shift();
		if (!entry) return;
		entry.pendingSince = undefined;
		const { watchId } = response;
		if (response.canceled) {
			if (!entry.ended) refuse(entry, response);
			return;
		}
		if (entry.ended) {
			this.#cancel(watchId);
			return;
		}
		entry.id = watchId;
		this.#watches.set(watchId, entry);
		entry.watcher.opened();
	}
}

function refuse(entry: Entry, { cancelReason, compactRevision }: WatchResponse): void {
	entry.ended = true;
	entry.watcher.refused(cancelReason, compactRevision > 0);
}
