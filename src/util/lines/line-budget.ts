/** Bytes of lines that are written at once, and how many a second from then on. */
const AT_ONCE = 32 * 1024;
const PER_SECOND = 1_000;

/** Keeps what one peer can cause at will from filling the log. */
export class LineBudget {
	#left = AT_ONCE;
	#at: number;
	#skipped = 0;

	/** @param now milliseconds */
	constructor(now = performance.now()) {
		this.#at = now;
	}

	/** How many lines were left out since the last one. */
	get skipped(): number {
		return this.#skipped;
	}

	/** Whether it is as good as new: nothing was spent of it, and nothing is left to tell. */
	isFresh(now = performance.now()): boolean {
		this.#refill(now);
		return this.#left === AT_ONCE && this.#skipped === 0;
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
		this.#left = Math.min(AT_ONCE, this.#left + ((now - this.#at) / 1_000) * PER_SECOND);
		this.#at = now;
	}
}
