import type { Endpoint } from "../../model/endpoint.js";
import { diffEndpoints, type EndpointDiff } from "../../model/endpoint-diff.js";
import type { Target } from "../../model/target.js";
import type { FingerpostError } from "../../util/errors.js";
import { tell } from "../../util/tell.js";
import type { Provider } from "../provider.js";
import { TargetWatch, type TargetWatchOptions } from "./target-watch.js";
import { withoutRepeats } from "./usable-endpoints.js";

/** How a target's endpoints changed since the event before. */
export interface WatchEvent extends EndpointDiff {
	/**
	 * `add` and `delete` where there were only additions or only removals, and for the first event;
	 * else `update`.
	 */
	readonly type: "add" | "update" | "delete";
	/** The full present list, always: in canonical order, each address once. */
	readonly endpoints: readonly Endpoint[];
	/** What was left out of the list or mended in it, and why. */
	readonly notes: readonly string[];
}

export interface WatchOptions {
	/** Ends the watch; the iteration then ends without an error. */
	readonly signal?: AbortSignal;
	/**
	 * Called when the source starts to fail, and when the reason changes; the last known endpoints
	 * stay.
	 */
	readonly onError?: (error: FingerpostError) => void;
}

export type WatchEventsOptions = WatchOptions & Pick<TargetWatchOptions, "maxEndpoints">;

type Result = IteratorResult<WatchEvent, undefined>;

const DONE: Result = { done: true, value: undefined };

/**
 * The present state, then each change. It holds only the newest state: a slow reader gets one event
 * for all it missed.
 */
export class WatchEvents implements AsyncIterableIterator<WatchEvent, undefined> {
	readonly #provider: Provider;
	readonly #watch: TargetWatch;
	readonly #signal: AbortSignal | undefined;
	readonly #readers: ((result: Result) => void)[] = [];
	/** As of the last event; undefined before the first one. */
	#last: readonly Endpoint[] | undefined;
	/** The watch's own list as of the last look. */
	#seen: readonly Endpoint[] | undefined;
	#state: "new" | "watching" | "ended" = "new";

	constructor(provider: Provider, target: Target, { signal, onError, maxEndpoints }: WatchEventsOptions) {
		this.#provider = provider;
		this.#signal = signal;
		this.#watch = new TargetWatch(target, () => this.#serve(), {
			maxEndpoints,
			...(onError && { onError: (error) => tell(onError, error) }),
		});
	}

	next(): Promise<Result> {
		if (this.#state === "new") this.#start();
		if (this.#state === "ended") return Promise.resolve(DONE);
		const { promise, resolve } = Promise.withResolvers<Result>();
		this.#readers.push(resolve);
		this.#serve();
		return promise;
	}

	/** Ends the watch, also while an event is waited for. */
	async return(): Promise<Result> {
		this.#end();
		return DONE;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#end();
	}

	#start(): void {
		this.#state = "watching";
		if (this.#signal?.aborted) this.#end();
		else {
			this.#signal?.addEventListener("abort", this.#end, { once: true });
			this.#watch.start(this.#provider);
		}
	}

	readonly #end = (): void => {
		this.#state = "ended";
		this.#signal?.removeEventListener("abort", this.#end);
		this.#watch.stop();
		for (const resolve of this.#readers.splice(0)) resolve(DONE);
	};

	#serve(): void {
		const [reader] = this.#readers;
		const event = reader && this.#newest();
		if (!event) return;
		this.#readers.shift();
		reader({ done: false, value: event });
	}

	/** What is new since the last event, or undefined. */
	#newest(): WatchEvent | undefined {
		const { endpoints: present, notes } = this.#watch;
		if (present === undefined || present === this.#seen) return undefined;
		this.#seen = present;
		const endpoints = withoutRepeats(present);
		const diff = diffEndpoints(this.#last ?? [], endpoints);
		const type = this.#last === undefined ? "add" : typeOf(diff);
		// There and back again while nobody read.
		if (type === undefined) return undefined;
		this.#last = endpoints;
		return { type, endpoints, ...diff, notes };
	}
}

function typeOf({ added, removed, changed }: EndpointDiff): WatchEvent["type"] | undefined {
	if (changed.length > 0 || (added.length > 0 && removed.length > 0)) return "update";
	if (removed.length > 0) return "delete";
	return added.length > 0 ? "add" : undefined;
}
