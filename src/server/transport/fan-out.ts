import type { WaitingStream } from "../protocol/waiting-names.js";

/** Something that has work to do in turns. */
export interface Worker {
	work(): void;
}

/** Milliseconds of work in a turn, before requests, new connections and changes get theirs. */
const TURN_MS = 2;
/**
 * Workers in a turn, however quick they are. Most of a write's cost comes after it, in the library
 * and the kernel, and with its ACK.
 */
const TURN_WORKERS = 32;

/**
 * Lets streams work in the order in which they became due, each once however often it became due,
 * and yields between turns. What is left is done at the next turn, behind what waits by then.
 */
export class FanOut<W extends Worker = Worker> {
	readonly #due = new Set<W>();
	/** Due while the rest of a change is being encoded. */
	readonly #held = new Set<W>();
	/** Who had work to do, and may not be done with it: a response is to be ACKed. */
	readonly #unsettled = new Set<W>();
	#isHeld = false;
	/** Called when nobody is left who had work to do. */
	onSettled: (() => void) | undefined;
	#turn: NodeJS.Immediate | undefined;

	/** Whether anybody has work to do. */
	get busy(): boolean {
		return this.#due.size + this.#held.size > 0;
	}

	/** Those who have had work to do since they were settled. */
	get unsettled(): Iterable<W> {
		return this.#unsettled;
	}

	/** @param asked whether somebody waits for an answer. */
	schedule(worker: W, asked = false): void {
		this.#unsettled.add(worker);
		if (this.#isHeld && !asked) {
			this.#held.add(worker);
			return;
		}
		this.#due.add(worker);
		this.#turn ??= setImmediate(() => this.#work());
	}

	/** All of them, for whom nobody waits. */
	scheduleAll(workers: Iterable<W>): void {
		for (const worker of workers) this.schedule(worker);
	}

	/** Nothing is left of the worker's work. */
	settled(worker: W): void {
		if (this.#unsettled.delete(worker) && this.#unsettled.size === 0) this.onSettled?.();
	}

	cancel(worker: W): void {
		this.#due.delete(worker);
		this.#held.delete(worker);
		this.#unsettled.delete(worker);
	}

	/** Whether those for whom nobody waits are to do nothing yet: more of a large change follows. */
	hold(isHeld: boolean): void {
		this.#isHeld = isHeld;
		if (isHeld) return;
		for (const worker of this.#held) this.schedule(worker);
		this.#held.clear();
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

/** Of streams. */
export type StreamFanOut = FanOut<Worker & WaitingStream>;
