/** Something that has work to do in turns. */
export interface Worker {
	work(): void;
}

/** A turn's work may take this long before others (requests, new connections, the next change) get their turn. */
const TURN_MS = 2;
/**
 * Nor do more work in a turn, however quick it is: most of what a write costs comes after it, when the library and the
 * kernel take it, and then its ACK.
 */
const TURN_WORKERS = 32;

/**
 * Lets streams work in the order in which they became due, each once however often it became due, and yields between
 * turns. What is left is done at the next turn, behind what waits by then.
 */
export class FanOut {
	readonly #due = new Set<Worker>();
	#turn: NodeJS.Immediate | undefined;

	/** Whether anybody has work to do. */
	get busy(): boolean {
		return this.#due.size > 0;
	}

	schedule(worker: Worker): void {
		this.#due.add(worker);
		this.#turn ??= setImmediate(() => this.#work());
	}

	cancel(worker: Worker): void {
		this.#due.delete(worker);
	}

	#work(): void {
		const end = performance.now() + TURN_MS;
		let left = TURN_WORKERS;
		try {
			for (const worker of this.#due) {
				this.#due.delete(worker);
				worker.work();
				if (--left === 0 || performance.now() > end) break;
			}
		} finally {
			// Also when a worker threw: the others still get their turn.
			this.#turn = this.#due.size > 0 ? setImmediate(() => this.#work()) : undefined;
		}
	}
}
