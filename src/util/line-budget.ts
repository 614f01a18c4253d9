/** How many lines of a kind are written at once, and how many a second from then on. */
const AT_ONCE = 100;
const PER_SECOND = 1;

/** Keeps what others can cause at will from filling the log. */
export class LineBudget {
	#left = AT_ONCE;
	#at: number;
	#skipped = 0;

	/** @param now milliseconds */
	constructor(now = performance.now()) {
		this.#at = now;
	}

	/** @returns how many lines were left out since the last one, if this one is to be written; else undefined. */
	take(now = performance.now()): number | undefined {
		this.#left = Math.min(AT_ONCE, this.#left + ((now - this.#at) / 1_000) * PER_SECOND);
		this.#at = now;
		if (this.#left < 1) {
			this.#skipped++;
			return undefined;
		}
		this.#left--;
		const skipped = this.#skipped;
		this.#skipped = 0;
		return skipped;
	}
}
