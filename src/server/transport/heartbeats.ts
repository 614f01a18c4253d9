/** Heartbeats within a time to live: one may be late, and one lost. */
const BEATS = 3;

/** Tells in time when what clients have must be given more time to live (R26): one timer for all streams. */
export class Heartbeats {
	readonly #interval: number;
	readonly #beat: (late: boolean) => void;
	#timer: NodeJS.Timeout | undefined;
	#last = 0;

	/**
	 * @param ttl milliseconds.
	 * @param beat is told whether the process stood still for so long that clients may have lost what they had.
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
