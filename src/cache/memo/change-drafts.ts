import type { Draft } from "./draft.js";

/**
 * Memo of change responses. Streams with the same names that stood at the same position of the
 * change feed get the same draft: the first computes it, the rest reuse it.
 */
export class ChangeDrafts {
	/**
	 * By feed, which is known by identity, and by the position from which a draft goes to the end of
	 * the feed.
	 */
	#byFeed = new WeakMap<object, Map<number, Draft>>();
	#isEmpty = true;

	get(feed: object, from: number): Draft | undefined {
		return this.#byFeed.get(feed)?.get(from);
	}

	set(feed: object, from: number, draft: Draft): void {
		const drafts = this.#byFeed.get(feed);
		if (drafts) drafts.set(from, draft);
		else this.#byFeed.set(feed, new Map([[from, draft]]));
		this.#isEmpty = false;
	}

	clear(): void {
		if (this.#isEmpty) return;
		this.#byFeed = new WeakMap();
		this.#isEmpty = true;
	}
}
