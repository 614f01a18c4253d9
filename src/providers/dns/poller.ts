import { Backoff } from "../../util/backoff.js";
import { FingerpostError } from "../../util/errors.js";

const BACKOFF = { base: 1_000, max: 300_000 };

export interface PollerOptions {
	/** Milliseconds. */
	readonly minInterval: number;
	/** Milliseconds. */
	readonly maxInterval: number;
}

/** Any answer that says how long it may be believed: in seconds, undefined if it does not say. */
export interface Expiring {
	readonly ttl: number | undefined;
}

/**
 * Asks one question again and again: when the answer's TTL is over, but within the interval's bounds; after a failure
 * with a back-off from 1 s to 5 min. It keeps the last answer. It runs while it has listeners.
 */
export class Poller<A extends Expiring> {
	readonly #lookUp: (signal: AbortSignal) => Promise<A>;
	readonly #options: PollerOptions;
	readonly #backoff = new Backoff(BACKOFF);
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
	/** A refresh was wanted while a look-up ran. */
	#again = false;

	constructor(lookUp: (signal: AbortSignal) => Promise<A>, options: PollerOptions) {
		this.#lookUp = lookUp;
		this.#options = options;
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

	/** @returns whether nobody listens any more; then everything is freed and the poller must not be used again. */
	remove(listener: () => void): boolean {
		this.#listeners.delete(listener);
		if (this.#listeners.size > 0) return false;
		clearTimeout(this.#timer);
		this.#abort?.abort();
		return true;
	}

	/** Asks again now, or when the minimum interval since the last question is over, if that is sooner than planned. */
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
		return Math.max(0, this.#askedAt + this.#options.minInterval - performance.now());
	}

	/** Never rejects. */
	async #ask(signal: AbortSignal): Promise<void> {
		this.#askedAt = performance.now();
		this.#running = true;
		this.#again = false;
		let delay: number;
		try {
			const answer = await this.#lookUp(signal);
			if (signal.aborted) return;
			this.#answer = answer;
			this.#answers++;
			this.#error = undefined;
			this.#backoff.reset();
			const { minInterval, maxInterval } = this.#options;
			delay = answer.ttl === undefined ? minInterval : Math.min(Math.max(answer.ttl * 1_000, minInterval), maxInterval);
		} catch (reason) {
			if (signal.aborted) return;
			this.#error = FingerpostError.from(reason);
			delay = this.#backoff.next();
			// It was asked before the refresh was wanted; an answer would have served.
			if (this.#again) delay = Math.min(delay, this.#allowedIn());
		}
		this.#running = false;
		this.#plan(delay, signal);
		for (const listener of [...this.#listeners]) listener();
	}

	#plan(delay: number, signal: AbortSignal): void {
		clearTimeout(this.#timer);
		this.#dueAt = performance.now() + delay;
		this.#timer = setTimeout(() => void this.#ask(signal), delay);
	}
}
