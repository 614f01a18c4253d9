import { setImmediate as turn } from "node:timers/promises";
import { FingerpostError } from "../../util/errors.js";
import { atOnceIfShort, inSlices, type Steps } from "../../util/steps.js";

/** Takes over one state after the other: at once where that is short, else in slices. Of those that wait the newest counts. */
export class Takeover<State> {
	readonly #stepsOf: (state: State) => Steps<void>;
	readonly #failed: (error: FingerpostError) => void;
	readonly #signal: AbortSignal;
	#isWorking = false;
	#waiting: { readonly state: State } | undefined;

	/**
	 * @param stepsOf takes over a state.
	 * @param failed told of an error that comes after the first slice.
	 * @param signal ends it.
	 */
	constructor(stepsOf: (state: State) => Steps<void>, failed: (error: FingerpostError) => void, signal: AbortSignal) {
		this.#stepsOf = stepsOf;
		this.#failed = failed;
		this.#signal = signal;
	}

	/** @throws what the steps throw in the first slice. */
	take(state: State): void {
		if (this.#isWorking) {
			this.#waiting = { state };
			return;
		}
		const steps = this.#stepsOf(state);
		if (!atOnceIfShort(steps)) void this.#goOn(steps);
	}

	async #goOn(steps: Steps<void>): Promise<void> {
		this.#isWorking = true;
		try {
			await turn();
			this.#signal.throwIfAborted();
			await inSlices(steps, this.#signal);
		} catch (reason) {
			if (!this.#signal.aborted) this.#failed(FingerpostError.from(reason));
		}
		this.#isWorking = false;
		const { state } = this.#waiting ?? {};
		this.#waiting = undefined;
		if (state === undefined || this.#signal.aborted) return;
		try {
			this.take(state);
		} catch (reason) {
			this.#failed(FingerpostError.from(reason));
		}
	}
}
