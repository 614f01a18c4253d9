export interface EmptinessOptions {
	/** How many answers in a row must be empty. */
	readonly emptyAnswers: number;
	/** For how many milliseconds they must have been empty. */
	readonly emptyAfter: number;
}

/** Timers may fire early by a few milliseconds; two intervals of 30 s must still make 60 s. */
const EARLY_MS = 10;

/** Decides when to believe that a target which had endpoints has none any more. */
export class Emptiness {
	readonly #options: EmptinessOptions;
	#since: { readonly at: number; readonly answers: number } | undefined;

	constructor(options: EmptinessOptions) {
		this.#options = options;
	}

	/**
	 * @param answers how many answers there were so far, with this one. @returns whether it is
	 *   believed now.
	 */
	said(answers: number): boolean {
		const at = performance.now();
		this.#since ??= { at, answers };
		const { emptyAnswers, emptyAfter } = this.#options;
		return answers - this.#since.answers + 1 >= emptyAnswers && at - this.#since.at >= emptyAfter - EARLY_MS;
	}

	/** Something else than an empty answer came: start counting anew. */
	reset(): void {
		this.#since = undefined;
	}
}
