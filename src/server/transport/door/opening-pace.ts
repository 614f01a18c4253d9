/** How long streams may be opened before others have the event loop: milliseconds. */
const SLICE_MS = 5;

/** Opens streams as they come, and what comes in a crowd a few a turn of the event loop, in order. */
export class OpeningPace {
	#waiting: (() => void)[] = [];
	/** Of this turn: milliseconds. */
	#spent = 0;
	#nextTurn: NodeJS.Immediate | undefined;

	/** @param open opens a stream, now or in a later turn. What waits is bounded by who may come in. */
	take(open: () => void): void {
		if (this.#waiting.length > 0 || this.#spent >= SLICE_MS) this.#waiting.push(open);
		else this.#open(open);
		this.#nextTurn ??= setImmediate(() => this.#goOn());
	}

	stop(): void {
		clearImmediate(this.#nextTurn);
		this.#waiting = [];
	}

	#goOn(): void {
		this.#nextTurn = undefined;
		this.#spent = 0;
		let opened = 0;
		for (const open of this.#waiting) {
			if (this.#spent >= SLICE_MS) break;
			opened++;
			this.#open(open);
		}
		this.#waiting = this.#waiting.slice(opened);
		if (this.#waiting.length > 0) this.#nextTurn = setImmediate(() => this.#goOn());
	}

	#open(open: () => void): void {
		const start = performance.now();
		open();
		this.#spent += performance.now() - start;
	}
}
