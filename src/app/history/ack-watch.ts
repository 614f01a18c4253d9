import { setImmediate as turn } from "node:timers/promises";
import { waitingNames } from "../../server/protocol/waiting-names.js";
import type { XdsServer } from "../../server/xds-server.js";

/** Between two looks: milliseconds. */
const PACE_MS = 20;
/** Looking takes at most this part of the time. */
const SHARE = 50;
/** Streams that are looked at before others have the event loop. */
const STEP = 500;
/** Services that are waited for; of more at once it is not told. */
const MAX_NAMES = 10_000;

/** Finds out when no client lacks a changed service any more, looking only as often as costs little. */
export class AckWatch {
	readonly #streams: () => XdsServer["unsettledStreams"];
	readonly #done: (names: readonly string[]) => void;
	readonly #names = new Set<string>();
	/** Those that have changed since the look began. */
	#anew = new Set<string>();
	#timer: NodeJS.Timeout | undefined;
	#looking = false;
	#stopped = false;

	/** @param streams those that may lack something. @param done told of services that nobody lacks. */
	constructor(streams: () => XdsServer["unsettledStreams"], done: (names: readonly string[]) => void) {
		this.#streams = streams;
		this.#done = done;
	}

	changed(names: Iterable<string>): void {
		for (const name of names) {
			if (this.#names.size < MAX_NAMES) this.#names.add(name);
			if (this.#looking) this.#anew.add(name);
		}
		this.#lookIn(PACE_MS);
	}

	/** No stream lacks anything: there is nothing to look for. */
	allSettled(): void {
		if (this.#names.size === 0 || this.#looking || this.#stopped) return;
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const names = [...this.#names];
		this.#names.clear();
		this.#done(names);
	}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
	}

	#lookIn(ms: number): void {
		if (this.#stopped || this.#looking || this.#timer || this.#names.size === 0) return;
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			void this.#look();
		}, ms).unref();
	}

	async #look(): Promise<void> {
		this.#looking = true;
		this.#anew = new Set();
		let spent = 0;
		let since = performance.now();
		const looked = new Set(this.#names);
		const steps = waitingNames(this.#streams(), looked);
		for (let count = 1; ; count++) {
			const { done, value } = steps.next();
			if (done) {
				if (!this.#stopped) this.#settle(looked, value);
				break;
			}
			if (count % STEP !== 0) continue;
			spent += performance.now() - since;
			await turn();
			since = performance.now();
		}
		spent += performance.now() - since;
		this.#looking = false;
		this.#lookIn(Math.max(PACE_MS, spent * SHARE));
	}

	#settle(looked: ReadonlySet<string>, waiting: ReadonlySet<string>): void {
		const done = [...looked].filter((name) => !waiting.has(name) && !this.#anew.has(name));
		for (const name of done) this.#names.delete(name);
		if (done.length > 0) this.#done(done);
	}
}
