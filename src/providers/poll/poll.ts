import { Backoff, type BackoffOptions } from "../../util/backoff.js";
import { FingerpostError } from "../../util/errors.js";

/** Times in milliseconds. */
export interface PollTimes<A> {
	/** From an answer to the next look-up, where the answer does not say how long it holds. */
	readonly interval: number;
	/**
	 * The least time between the starts of two look-ups, for short-lived answers and refreshes,
	 * too.
	 */
	readonly minInterval: number;
	/** The longest that an answer is believed, whatever it says. */
	readonly maxInterval: number;
	/** How long the answer holds; undefined if it does not say. */
	readonly maxAge?: (answer: A) => number | undefined;
	/** The waits after failures, with full jitter. They may be shorter than `minInterval`. */
	readonly backoff: BackoffOptions;
}

/**
 * @param previous the last answer, for a look-up that asks for what is newer only.
 * @param tell gives an answer while the look-up goes on, for a source that sends one after the other.
 */
export type PollLookUp<A> = (signal: AbortSignal, previous: A | undefined, tell: (answer: A) => void) => Promise<A>;

/**
 * Repeats one look-up while it has listeners: after an answer when that has become old, after a
 * failure with a back-off. A failure leaves the last answer as it is.
 */
export class Poll<A> {
	readonly #lookUp: PollLookUp<A>;
	readonly #times: PollTimes<A>;
	readonly #backoff: Backoff;
	readonly #listeners = new Set<() => void>();
	#answer: A | undefined;
	#error: FingerpostError | undefined;
	#answers = 0;
	#abort: AbortController | undefined;
	#timer: NodeJS.Timeout | undefined;
	#askedAt = 0;
	/** When the timer fires; in the past while a look-up runs. */
	#dueAt = 0;
	#running = false;
	/**
	 * A refresh was requested during a look-up, which may have read the source before the change.
	 */
	#again = false;

	constructor(lookUp: PollLookUp<A>, times: PollTimes<A>) {
		this.#lookUp = lookUp;
		this.#times = times;
		this.#backoff = new Backoff(times.backoff);
	}

	/** The last answer, however old. */
	get answer(): A | undefined {
		return this.#answer;
	}

	/** Why the newest look-up failed; undefined if it did not. */
	get error(): FingerpostError | undefined {
		return this.#error;
	}

	/** Whether there was an answer or a failure yet. */
	get settled(): boolean {
		return this.#answer !== undefined || this.#error !== undefined;
	}

	/** How many answers there were: two readers of one answer see the same number. */
	get answers(): number {
		return this.#answers;
	}

	/** @param listener called after each answer and each failure, never from within this call. */
	add(listener: () => void): void {
		this.#listeners.add(listener);
		if (this.#listeners.size > 1) return;
		this.#abort = new AbortController();
		void this.#ask(this.#abort.signal);
	}

	/**
	 * @returns whether nobody listens any more; then everything is freed and the poll must not be
	 *   used again.
	 */
	remove(listener: () => void): boolean {
		this.#listeners.delete(listener);
		if (this.#listeners.size > 0) return false;
		clearTimeout(this.#timer);
		this.#abort?.abort();
		return true;
	}

	/**
	 * Asks again now, or when the minimum interval since the last question is over, if that is
	 * sooner than planned.
	 */
	refresh(): void {
		if (!this.#abort || this.#abort.signal.aborted) return;
		if (this.#running) {
			this.#again = true;
			return;
		}
		const allowed = this.#allowedIn();
		if (performance.now() + allowed < this.#dueAt) this.#plan(allowed, this.#abort.signal);
	}

	/** Milliseconds until the minimum interval since the last question is over. */
	#allowedIn(): number {
		return Math.max(0, this.#askedAt + this.#times.minInterval - performance.now());
	}

	/** Never rejects. */
	async #ask(signal: AbortSignal): Promise<void> {
		this.#askedAt = performance.now();
		this.#running = true;
		this.#again = false;
		let delay: number;
		try {
			const answer = await this.#lookUp(signal, this.#answer, (early) => {
				if (signal.aborted) return;
				this.#take(early);
				this.#tell();
			});
			if (signal.aborted) return;
			this.#take(answer);
			delay = Math.max(this.#holdsFor(answer), this.#allowedIn());
		} catch (reason) {
			if (signal.aborted) return;
			this.#error = FingerpostError.from(reason, "SOURCE_FAILED");
			delay = this.#backoff.next();
		}
		if (this.#again) delay = Math.min(delay, this.#allowedIn());
		this.#running = false;
		this.#plan(delay, signal);
		this.#tell();
	}

	#take(answer: A): void {
		this.#answer = answer;
		this.#answers++;
		this.#error = undefined;
		this.#backoff.reset();
	}

	#tell(): void {
		for (const listener of [...this.#listeners]) listener();
	}

	#holdsFor(answer: A): number {
		const { interval, minInterval, maxInterval, maxAge } = this.#times;
		return Math.min(Math.max(maxAge?.(answer) ?? interval, minInterval), maxInterval);
	}

	#plan(delay: number, signal: AbortSignal): void {
		clearTimeout(this.#timer);
		this.#dueAt = performance.now() + delay;
		this.#timer = setTimeout(() => void this.#ask(signal), delay);
	}
}
