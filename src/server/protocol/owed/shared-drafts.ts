import type { Cursor } from "../../../cache/change-feed.js";
import type { Draft } from "../../../cache/memo/draft.js";
import type { Memos } from "../../../cache/memo/memos.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { Mode } from "../../wire/mode.js";
import { responseKey } from "../response-key.js";

/** A stream, as far as others may get the same. */
export interface Settling {
	/** Whether the client has all that it wants, up to its place among the changes, and is owed nothing. */
	readonly isSettled: boolean;
	/** The next response, for all that has changed. */
	nextChanges(): Draft | undefined;
}

export type Kind = keyof Memos["changes"];

/**
 * What streams get that had all there was up to one place among the changes of what they follow, and nothing else to be said to
 * them: the first of them finds it, and the others get the same.
 */
export class SharedDrafts {
	readonly #mode: Mode;
	readonly #set: ResourceSet;

	constructor(mode: Mode, set: ResourceSet) {
		this.#mode = mode;
		this.#set = set;
	}

	/** The next response where the stream had everything up to its place, as almost all have that are pushed to. */
	next(cursor: Cursor | undefined, kind: Kind, stream: Settling): Draft | undefined {
		if (!cursor?.isBehind || !stream.isSettled) return undefined;
		const shared = this.#set.memos.changes[kind].get(cursor.feed, cursor.position);
		if (shared) {
			cursor.skip();
			return shared;
		}
		const { position } = cursor;
		const draft = stream.nextChanges();
		return draft && stream.isSettled && !cursor.isBehind ? this.#share(position, cursor, draft, kind) : draft;
	}

	/** @param from where the stream was before it got the draft. @returns the draft, by which others are known to be the same. */
	#share(from: number, { feed }: Cursor, draft: Draft, kind: Kind): Draft {
		if (feed.size === 1) return draft;
		const shared: Draft = { ...draft, key: responseKey(this.#mode, this.#set, draft, 0) };
		this.#set.memos.changes[kind].set(feed, from, shared);
		return shared;
	}
}
