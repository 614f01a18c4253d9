import type { Poll } from "./poll.js";

/** A share in a poll. */
export interface PollShare<A> {
	readonly poll: Poll<A>;
	/** Gives it back; the poll of the last share ends. */
	release(): void;
}

/** One poll for each question, however many want to know the answer. */
export class SharedPolls<A> {
	readonly #polls = new Map<string, Poll<A>>();

	/** How many polls run. */
	get size(): number {
		return this.#polls.size;
	}

	get(key: string): Poll<A> | undefined {
		return this.#polls.get(key);
	}

	/**
	 * @param key equal exactly for equal questions.
	 * @param listener told of each answer and failure; the same one may hold several shares.
	 * @param make called where nobody asks the question yet.
	 */
	share(key: string, listener: () => void, make: () => Poll<A>): PollShare<A> {
		const poll = this.#polls.get(key) ?? make();
		this.#polls.set(key, poll);
		const own = () => listener();
		poll.add(own);
		return {
			poll,
			release: () => {
				if (poll.remove(own) && this.#polls.get(key) === poll) this.#polls.delete(key);
			},
		};
	}
}
