/** One of those that are asked. */
interface Member {
	/** @returns whether it is asked: it is not where that has failed and is tried again anyway. */
	ask(): boolean;
}

export interface SweepOptions<M> {
	readonly members: ReadonlySet<M>;
	/** So many are asked at once. */
	readonly width: number;
}

/** From the start of one sweep to that of the next: milliseconds, at least. */
const MIN_INTERVAL_MS = 1_000;
/** So many sweeps may follow one another so closely; then one is due in as many times this as there are members. */
const MOST_SWEEPS = 10;
const EARNED_MS = 2;
/** Nothing was found: it may not have got to where it is asked for. Milliseconds until all are asked once more. */
const AGAIN_MS = 1_000;

/** Asks all members, the last ones first, whenever one of them has changed and nobody knows which. */
export class Sweep<M extends Member> {
	readonly #options: SweepOptions<M>;
	readonly #running = new Set<M>();
	#left: M[] = [];
	#credit = MOST_SWEEPS;
	#creditAt = performance.now();
	#startedAt = Number.NEGATIVE_INFINITY;
	/** One find is all that there is to be found. */
	#single = false;
	/** Nothing is looked for after it. */
	#isLast = true;
	#timer: NodeJS.Timeout | undefined;

	constructor(options: SweepOptions<M>) {
		this.#options = options;
	}

	/** @param single whether it is known that no more than one has changed since the last time. */
	begin(single = false): void {
		const isRunning = this.#left.length > 0 || this.#running.size > 0 || this.#timer !== undefined;
		this.#plan({ single: single && !isRunning, last: false });
	}

	/** The member has been asked, and was found to be another or not; or it is gone. */
	asked(member: M, found: boolean): void {
		if (found) this.#isLast = true;
		if (found && this.#single) this.#left = [];
		if (this.#running.delete(member)) this.#work();
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#left = [];
		this.#running.clear();
	}

	#plan(next: { readonly single: boolean; readonly last: boolean }, least = 0): void {
		const now = performance.now();
		const cost = Math.max(1, this.#options.members.size * EARNED_MS);
		this.#credit = Math.min(MOST_SWEEPS, this.#credit + (now - this.#creditAt) / cost);
		this.#creditAt = now;
		const wait = Math.max(least, (1 - this.#credit) * cost, this.#startedAt + MIN_INTERVAL_MS - now, 0);
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#start(next), wait);
	}

	#start({ single, last }: { readonly single: boolean; readonly last: boolean }): void {
		this.#timer = undefined;
		this.#credit = Math.max(0, this.#credit - 1);
		this.#startedAt = performance.now();
		this.#single = single;
		this.#isLast = last;
		this.#left = [...this.#options.members];
		this.#work();
	}

	#work(): void {
		while (this.#running.size < this.#options.width) {
			const member = this.#left.pop();
			if (!member) break;
			if (member.ask()) this.#running.add(member);
		}
		if (this.#running.size > 0 || this.#left.length > 0 || this.#isLast || this.#timer) return;
		this.#plan({ single: false, last: true }, AGAIN_MS);
	}
}
