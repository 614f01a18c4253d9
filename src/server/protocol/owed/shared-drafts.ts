import type { ChangeFeed, Cursor } from "../../../cache/change-feed.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { Draft } from "../../wire/draft.js";
import { draftKey } from "../../wire/encode-response.js";
import type { Mode } from "../../wire/mode.js";

interface Shared {
	/** The number of the last change that is in them. */
	readonly to: number;
	/** Of the resource set. */
	readonly state: number;
	/** By the number of the last change that is not in them. */
	readonly drafts: Map<number, Draft>;
}

/** The newest ones of each crowd: of earlier ones the resources are not to stay in memory. */
type ByCrowd = WeakMap<object, Shared>;

/** A stream, as far as others may get the same. */
export interface Settling {
	/** Whether the client has all that it wants, up to its place among the changes, and is owed nothing. */
	readonly isSettled: boolean;
	/** The next response, for all that has changed. */
	nextChanges(): Draft | undefined;
}

/** Streams of one kind get the same for the same changes. */
export type Kind = Mode | "sotw, came with a version";

const found: Readonly<Record<Kind, ByCrowd>> = {
	sotw: new WeakMap(),
	"sotw, came with a version": new WeakMap(),
	delta: new WeakMap(),
};

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
		const shared = this.#get(cursor, kind);
		if (shared) {
			cursor.skip();
			return shared;
		}
		const { position } = cursor;
		const draft = stream.nextChanges();
		return draft && stream.isSettled && !cursor.isBehind ? this.#share(position, cursor, draft, kind) : draft;
	}

	/** What another stream of the kind at the cursor's place got for the changes that came since. */
	#get({ position, feed }: Cursor, kind: Kind): Draft | undefined {
		return this.#upToNow(feed, kind)?.get(position);
	}

	/** @param from where the stream was before it got the draft. @returns the draft, by which others are known to be the same. */
	#share(from: number, { feed }: Cursor, draft: Draft, kind: Kind): Draft {
		if (feed.size === 1) return draft;
		const shared: Draft = { ...draft, key: draftKey(this.#mode, this.#set, draft, 0) };
		const drafts = this.#upToNow(feed, kind);
		if (drafts) drafts.set(from, shared);
		else found[kind].set(feed, { to: feed.last.number, state: this.#set.state, drafts: new Map([[from, shared]]) });
		return shared;
	}

	#upToNow(feed: ChangeFeed, kind: Kind): Map<number, Draft> | undefined {
		const shared = found[kind].get(feed);
		return shared?.to === feed.last.number && shared.state === this.#set.state ? shared.drafts : undefined;
	}
}
