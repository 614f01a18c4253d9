interface Member {
	ask(): void;
}

/** So many are asked before others have the event loop. */
const BATCH = 20;
/** From the start of one sweep to that of the next: milliseconds, at least. */
const MIN_INTERVAL_MS = 1_000;
/** So many sweeps may follow one another so closely; then one is due in as many times this as there are members. */
const MOST_SWEEPS = 10;
const EARNED_MS = 2;
/** Nothing was found: it may not have got to where it is asked for. Milliseconds until all are asked once more. */
const AGAIN_MS = 1_000;

/** Asks all members, the last ones first, whenever one of them has changed and nobody knows which. */
export class Sweep {
	readonly #members: ReadonlySet<Member>;
	#credit = MOST_SWEEPS;
	#creditAt = performance.now();
	#startedAt = Number.NEGATIVE_INFINITY;
	#left: Member[] = [];
	#due: { readonly single: boolean; readonly again: boolean } | undefined;
	/** One write is looked for, so that one find ends it. */
	#single = false;
	#found = false;
	#timer: NodeJS.Timeout | undefined;
	#turn: NodeJS.Immediate | undefined;

	constructor(members: ReadonlySet<Member>) {
		this.#members = members;
	}

	/** @param single whether it is known that no more than one has changed. */
	begin(single = false): void {
		const running = this.#left.length > 0 || this.#due !== undefined;
		this.#plan({ single: single && !running, again: false });
	}

	/** One of them has changed. */
	found(): void {
		this.#found = true;
		if (this.#single) this.#left = [];
	}

	stop(): void {
		clearTimeout(this.#timer);
		clearImmediate(this.#turn);
		this.#left = [];
	}

	#plan(due: { readonly single: boolean; readonly again: boolean }, least = 0): void {
		this.#due = due;
		const now = performance.now();
		const earned = (now - this.#creditAt) / Math.max(1, this.#members.size * EARNED_MS);
		this.#credit = Math.min(MOST_SWEEPS, this.#credit + earned);
		this.#creditAt = now;
		const forCredit = Math.max(0, 1 - this.#credit) * this.#members.size * EARNED_MS;
		const wait = Math.max(least, forCredit, this.#startedAt + MIN_INTERVAL_MS - now);
		clearTimeout(this.#timer);
		if (wait <= 0) this.#start();
		else this.#timer = setTimeout(() => this.#start(), wait);
	}

	#start(): void {
		const { single = false, again = false } = this.#due ?? {};
		this.#due = undefined;
		this.#credit = Math.max(0, this.#credit - 1);
		this.#startedAt = performance.now();
		this.#single = single;
		this.#found = false;
		this.#left = [...this.#members];
		clearImmediate(this.#turn);
		this.#work();
		if (again) return;
		this.#timer = setTimeout(() => {
			if (!this.#found) this.#plan({ single: false, again: true });
		}, AGAIN_MS);
	}

	#work(): void {
		for (let i = 0; i < BATCH; i++) {
			const member = this.#left.pop();
			if (!member) return;
			member.ask();
		}
		this.#turn = setImmediate(() => this.#work());
	}
}
