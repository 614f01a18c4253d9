import { AgentUnreachable } from "./blocking-source.js";

/** So long a query may wait for something new although others want its turn: milliseconds. */
const HELD_MS = 2_000;

/** The turn was given up for others; nothing failed. */
export const GIVEN_UP = Symbol("given up");

interface Holder {
	readonly since: number;
	readonly giveUp: AbortController;
}

interface Waiting {
	begin(): void;
	fail(error: AgentUnreachable): void;
}

export interface TurnOptions {
	/** Ends the waiting, and the task by its own means. */
	readonly signal: AbortSignal;
	/** Comes before those who have been told something already. */
	readonly first: boolean;
	/** Whether the task can be ended for others: it ends with the signal that it is given. */
	readonly patient: boolean;
}

/**
 * Lets so many queries run at once. Those that wait long for something new make room when others come. When the agent
 * cannot be reached, those that wait are told so at once: each would find it out by itself, one time-out after the other.
 */
export class QueryTurns {
	readonly #limit: number;
	readonly #holders = new Set<Holder>();
	readonly #waiting = { first: new Set<Waiting>(), later: new Set<Waiting>() };
	#running = 0;
	#timer: NodeJS.Timeout | undefined;

	constructor(limit: number) {
		this.#limit = limit;
	}

	get limit(): number {
		return this.#limit;
	}

	/** @returns what the task does, or GIVEN_UP. @throws AgentUnreachable, what the task throws, the signal's reason. */
	async run<T>(task: (giveUp: AbortSignal) => Promise<T>, options: TurnOptions): Promise<T | typeof GIVEN_UP> {
		const { signal, patient } = options;
		signal.throwIfAborted();
		if (this.#running < this.#limit) this.#running++;
		else await this.#turn(options);
		const holder: Holder = { since: performance.now(), giveUp: new AbortController() };
		if (patient) this.#holders.add(holder);
		this.#arrange();
		try {
			return await task(holder.giveUp.signal);
		} catch (error) {
			signal.throwIfAborted();
			if (holder.giveUp.signal.aborted) return GIVEN_UP;
			if (error instanceof AgentUnreachable) this.#failWaiting(error);
			throw error;
		} finally {
			this.#holders.delete(holder);
			this.#next();
			this.#arrange();
		}
	}

	#turn({ signal, first }: TurnOptions): Promise<void> {
		const queue = first ? this.#waiting.first : this.#waiting.later;
		return new Promise((resolve, reject) => {
			const leave = () => {
				queue.delete(waiting);
				signal.removeEventListener("abort", stop);
			};
			const stop = () => {
				leave();
				reject(signal.reason);
				this.#arrange();
			};
			const waiting: Waiting = {
				begin: () => {
					leave();
					resolve();
				},
				fail: (error) => {
					leave();
					reject(error);
				},
			};
			queue.add(waiting);
			signal.addEventListener("abort", stop, { once: true });
			this.#arrange();
		});
	}

	/** Hands the place of one that has ended to the first that waits, so that none can overtake. */
	#next(): void {
		const [waiting] = [...first(this.#waiting.first), ...first(this.#waiting.later)];
		if (waiting) waiting.begin();
		else this.#running--;
	}

	#failWaiting(error: AgentUnreachable): void {
		for (const queue of Object.values(this.#waiting)) for (const waiting of [...queue]) waiting.fail(error);
	}

	/** Ends the oldest patient queries, as many as others wait, each when it has had its time. */
	#arrange(): void {
		clearTimeout(this.#timer);
		let wanted = this.#waiting.first.size + this.#waiting.later.size;
		for (const { since, giveUp } of this.#holders) {
			if (wanted === 0) return;
			wanted--;
			if (giveUp.signal.aborted) continue;
			const left = since + HELD_MS - performance.now();
			if (left > 0) {
				this.#timer = setTimeout(() => this.#arrange(), left);
				return;
			}
			giveUp.abort(GIVEN_UP);
		}
	}
}

function first<T>(set: ReadonlySet<T>): readonly T[] {
	for (const value of set) return [value];
	return [];
}
