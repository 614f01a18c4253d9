import type { Steps } from "../../util/steps.js";

/** Heartbeats in a time to live: one may be late, and one lost. */
const BEATS = 3;

/** One timer for the heartbeats of all streams (R26). */
export class Heartbeats {
	readonly #interval: number;
	readonly #beat: (late: boolean) => void;
	#timer: NodeJS.Timeout | undefined;
	#last = 0;

	/**
	 * @param ttl milliseconds.
	 * @param beat called for each heartbeat. It is late if the process was suspended: clients may
	 *   have lost resources.
	 */
	constructor(ttl: number, beat: (late: boolean) => void) {
		this.#interval = ttl / BEATS;
		this.#beat = beat;
	}

	start(): void {
		this.#last = performance.now();
		this.#timer = setInterval(() => {
			const now = performance.now();
			const late = now - this.#last > 2 * this.#interval;
			this.#last = now;
			this.#beat(late);
		}, this.#interval);
	}

	stop(): void {
		clearInterval(this.#timer);
	}
}

/** A heartbeat of every stream, one a step. */
export function* beatAll(
	streams: Iterable<{ readonly session: { heartbeat(late: boolean): void } }>,
	late: boolean,
): Steps<void> {
	for (const { session } of [...streams]) {
		session.heartbeat(late);
		yield;
	}
}
