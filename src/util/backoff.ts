export interface BackoffOptions {
	/** Milliseconds; the bound of the first delay. */
	readonly base: number;
	/** What the bound is multiplied by with every failure; 2 unless given. */
	readonly factor?: number;
	/** Milliseconds; the bound of every delay. */
	readonly max: number;
	/** Milliseconds; the least delay, 0 unless given. */
	readonly min?: number;
	/** Between 0 and 1; Math.random by default. */
	readonly random?: () => number;
}

/**
 * How long to wait before the next attempt: exponential with full jitter. Each delay is anything
 * from the least one up to a bound that begins at `base` and grows by `factor` with every failure until it is
 * `max`, so that many who failed at once do not come back at once.
 */
export class Backoff {
	readonly #options: BackoffOptions;
	#failures = 0;

	constructor(options: BackoffOptions) {
		this.#options = options;
	}

	/** Milliseconds to wait after one more failure. */
	next(): number {
		const { base, factor = 2, max, min = 0, random = Math.random } = this.#options;
		const bound = Math.min(max, base * factor ** this.#failures);
		this.#failures++;
		return min + random() * Math.max(0, bound - min);
	}

	/** After a success: the next delay begins at `base` again. */
	reset(): void {
		this.#failures = 0;
	}
}
