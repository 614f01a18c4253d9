import type { Follower } from "../../cache/followers.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import type { Draft } from "../wire/draft.js";
import { draftKey, type Mode } from "../wire/encode-response.js";

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
		return this.#upToNow(crowd, last, kind)?.get(place);
	}

	/** @param from where the stream was before it got the draft. @returns the draft, by which others are known to be the same. */
	#share(from: number, { last, crowd, isAlone }: Follower, draft: Draft, kind: Kind): Draft {
		if (isAlone) return draft;
		const shared: Draft = { ...draft, key: draftKey(this.#mode, this.#set, draft, 0) };
		const drafts = this.#upToNow(crowd, last, kind);
		if (drafts) drafts.set(from, shared);
		else found[kind].set(crowd, { to: last, state: this.#set.state, drafts: new Map([[from, shared]]) });
		return shared;
	}

	#upToNow(crowd: object, last: number, kind: Kind): Map<number, Draft> | undefined {
		const shared = found[kind].get(crowd);
		return shared?.to === last && shared.state === this.#set.state ? shared.drafts : undefined;
	}
}
