/** Lets so many tasks run at once; the others wait their turn, in order. */
export class Limiter {
	readonly #limit: number;
	#running = 0;
	readonly #waiting = new Set<() => void>();

	constructor(limit: number) {
		this.#limit = limit;
	}

	/** Runs the task when it is its turn. @throws the signal's reason if it fires before, else what the task throws. */
	async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
		signal.throwIfAborted();
		// Whoever ends hands its place to the first that waits, so that none can overtake.
		if (this.#running < this.#limit) this.#running++;
		else await this.#turn(signal);
		try {
			return await task();
		} finally {
			const [first] = this.#waiting;
			if (first) first();
			else this.#running--;
		}
	}

	#turn(signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const start = () => {
				this.#waiting.delete(start);
				signal.removeEventListener("abort", stop);
				resolve();
			};
			const stop = () => {
				this.#waiting.delete(start);
				reject(signal.reason);
			};
			this.#waiting.add(start);
			signal.addEventListener("abort", stop, { once: true });
		});
	}
}
