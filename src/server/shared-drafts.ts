import type { Follower } from "../cache/followers.js";
import type { ResourceSet } from "../cache/resource-set.js";
import type { Draft } from "./draft.js";
import { draftKey, type Mode } from "./encode-response.js";

interface Shared {
	/** The numbers of the last changes that are not in it, and in it. */
	readonly from: number;
	readonly to: number;
	/** Of the resource set. */
	readonly state: number;
	readonly draft: Draft;
}

/** The newest one of each crowd: of an earlier one the resources are not to stay in memory. */
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
	next(follower: Follower | undefined, kind: Kind, stream: Settling): Draft | undefined {
		if (!follower?.isBehind || !stream.isSettled) return undefined;
		const shared = this.#get(follower, kind);
		if (shared) {
			follower.forgo();
			return shared;
		}
		const { place } = follower;
		const draft = stream.nextChanges();
		return draft && stream.isSettled && !follower.isBehind ? this.#share(place, follower, draft, kind) : draft;
	}

	/** What another stream of the kind at the follower's place got for the changes that came since. */
	#get({ place, last, crowd }: Follower, kind: Kind): Draft | undefined {
		const shared = found[kind].get(crowd);
		if (shared?.from !== place || shared.to !== last || shared.state !== this.#set.state) return undefined;
		return { ...shared.draft, had: [...shared.draft.had] };
	}

	/** @param from where the stream was before it got the draft. @returns the draft, by which others are known to be the same. */
	#share(from: number, { last, crowd, isAlone }: Follower, draft: Draft, kind: Kind): Draft {
		if (isAlone) return draft;
		const shared: Draft = { ...draft, key: draftKey(this.#mode, this.#set, draft, 0) };
		found[kind].set(crowd, { from, to: last, state: this.#set.state, draft: shared });
		return { ...shared, had: [...draft.had] };
	}
}
