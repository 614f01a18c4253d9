/** Who waits until the same signal fires. */
interface Group {
	readonly stops: Set<() => void>;
	/** Nobody of them waits any more. */
	end(): void;
}

/** Lets so many tasks run at once; the others wait their turn, in order. */
export class Limiter {
	readonly #limit: number;
	#running = 0;
	readonly #waiting = new Set<() => void>();
	/** By signal: a listener each, as a signal looks through all that it has for each new one. */
	readonly #groups = new Map<AbortSignal, Group>();

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
			const group = this.#groups.get(signal) ?? this.#groupOf(signal);
			const start = () => {
				this.#waiting.delete(start);
				group.stops.delete(stop);
				if (group.stops.size === 0) group.end();
				resolve();
			};
			const stop = () => {
				this.#waiting.delete(start);
				reject(signal.reason);
			};
			this.#waiting.add(start);
			group.stops.add(stop);
		});
	}

	#groupOf(signal: AbortSignal): Group {
		const stops = new Set<() => void>();
		const end = () => {
			this.#groups.delete(signal);
			signal.removeEventListener("abort", stopAll);
		};
		const stopAll = () => {
			end();
			for (const stop of stops) stop();
		};
		const group = { stops, end };
		this.#groups.set(signal, group);
		signal.addEventListener("abort", stopAll);
		return group;
	}
}
