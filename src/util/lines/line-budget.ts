/** Bytes of lines that are written at once, and how many a second from then on. */
export interface LineRate {
	readonly atOnce: number;
	readonly perSecond: number;
}

const DEFAULT_RATE: LineRate = { atOnce: 32 * 1024, perSecond: 1_000 };

/** Keeps what one peer can cause at will from filling the log. */
export class LineBudget {
	readonly #rate: LineRate;
	#left: number;
	#at: number;
	#skipped = 0;

	/**
	 * @param now milliseconds
	 * @param rate 1 kB/s after 32 KiB unless given
	 */
	constructor(now = performance.now(), rate = DEFAULT_RATE) {
		this.#rate = rate;
		this.#left = rate.atOnce;
		this.#at = now;
	}

	/** How many lines were left out since the last one. */
	get skipped(): number {
		return this.#skipped;
	}

	/** Whether it is as good as new: nothing was spent of it, and nothing is left to tell. */
	isFresh(now = performance.now()): boolean {
		this.#refill(now);
		return this.#left === this.#rate.atOnce && this.#skipped === 0;
	}

	/** @returns how many lines were left out since the last one, if this one is to be written; else undefined. */
	take(bytes: number, now = performance.now()): number | undefined {
		this.#refill(now);
		if (this.#left < bytes) {
			this.#skipped++;
			return undefined;
		}
		this.#left -= bytes;
		const skipped = this.#skipped;
		this.#skipped = 0;
		return skipped;
	}

	#refill(now: number): void {
		const { atOnce, perSecond } = this.#rate;
		this.#left = Math.min(atOnce, this.#left + ((now - this.#at) / 1_000) * perSecond);
		this.#at = now;
	}
}
