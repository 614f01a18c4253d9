import type { ChangeFeed } from "../change-feed.js";
import type { Draft } from "./draft.js";

/**
 * Memo of change responses. Streams with the same names that stood at the same position of the change feed get the
 * same draft: the first computes it, the rest reuse it.
 */
export class ChangeDrafts {
	/** By the position from which it goes to the end of the feed. */
	#byFeed = new WeakMap<ChangeFeed, Map<number, Draft>>();
	#isEmpty = true;

	get(feed: ChangeFeed, from: number): Draft | undefined {
		return this.#byFeed.get(feed)?.get(from);
	}

	set(feed: ChangeFeed, from: number, draft: Draft): void {
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
