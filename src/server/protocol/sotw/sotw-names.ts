import type { Cursor, Subscriber } from "../../../cache/change-feed.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { Steps } from "../../../util/steps.js";
import { namesInSteps } from "../../wire/names.js";
import type { WantedNames } from "../subscription/wanted-names.js";

/** What a request wants more or less than the one before it. */
export interface NamesChange {
	readonly added: ReadonlySet<string>;
	/** Of these the ones that were wanted before: they were missing in a stale request in between. */
	readonly again: ReadonlySet<string>;
	readonly removed: ReadonlySet<string>;
	readonly newlyWildcard: boolean;
}

const NONE: ReadonlySet<string> = new Set();

/** What a SotW stream wants of a type: each request lists it all. */
export class SotwNames implements WantedNames {
	#set: ResourceSet;
	readonly #subscriber: Subscriber;
	#names = NONE;
	#cursor: Cursor | undefined;
	#wildcard = false;
	/** The list of the last request that was not stale: if it comes again, nothing else is wanted. */
	#lastList: readonly string[] | undefined;
	/** Whether an empty list can no longer mean the old wildcard (R16). */
	#everNamed = false;
	/** Names that were missing in a stale request. */
	#missing = new Set<string>();
	/** Whether a stale request had no wildcard. */
	#isWildcardMissing = false;

	constructor(set: ResourceSet, subscriber: Subscriber) {
		this.#set = set;
		this.#subscriber = subscriber;
	}

	get wildcard(): boolean {
		return this.#wildcard;
	}

	get all(): boolean {
		return this.#wildcard && this.#set.type.listed;
	}

	get size(): number {
		return this.#names.size;
	}

	/** Another object when the names are others. */
	get followed(): ReadonlySet<string> {
		return this.#names;
	}

	get cursor(): Cursor | undefined {
		return this.#cursor;
	}

	get areShareable(): boolean {
		return !this.#wildcard;
	}

	[Symbol.iterator](): Iterator<string> {
		return this.#names[Symbol.iterator]();
	}

	has(name: string): boolean {
		return this.#names.has(name);
	}

	wants(name: string): boolean {
		return this.all || this.#names.has(name);
	}

	/**
	 * R21: what a stale request wants, the request that follows says again. But a name that is
	 * missing here was given up and forgotten: if the next request has it, it was added anew (R10).
	 */
	*noteStale(list: readonly string[]): Steps<void> {
		if (list === this.#lastList) return;
		const isWildcard = list.includes("*") || (list.length === 0 && !this.#everNamed);
		if (this.#wildcard && !isWildcard) this.#isWildcardMissing = true;
		const kept = yield* namesInSteps(list);
		for (const name of this.#names) {
			yield;
			if (!kept.has(name)) this.#missing.add(name);
		}
	}

	/** Whether it is the very list of the last request, so that the same is wanted as before: that of almost every ACK. */
	areLast(list: readonly string[]): boolean {
		return list === this.#lastList && this.#missing.size === 0 && !this.#isWildcardMissing;
	}

	/** Up to the last step the names are the ones of before. @returns undefined if the same is wanted as before. */
	*update(list: readonly string[]): Steps<NamesChange | undefined> {
		if (this.areLast(list)) return undefined;
		this.#lastList = list;
		const star = list.includes("*");
		const names = yield* namesInSteps(star ? list.filter((name) => name !== "*") : list);
		if (list.length > 0) this.#everNamed = true;
		const before = { names: this.#names, wildcard: this.#wildcard };
		const added = yield* without(names, before.names, this.#missing);
		const removed = yield* without(before.names, names);
		this.#wildcard = this.#set.type.wildcard && (star || !this.#everNamed);
		const change = {
			added,
			again: this.#missing,
			removed,
			newlyWildcard: this.#wildcard && (!before.wildcard || this.#isWildcardMissing),
		};
		this.#missing = new Set();
		this.#isWildcardMissing = false;
		const { newlyWildcard } = change;
		const noLongerWildcard = before.wildcard && !this.#wildcard;
		if (newlyWildcard) this.#set.subscribeAll(this.#subscriber);
		else if (noLongerWildcard) this.#set.unsubscribeAll(this.#subscriber);
		// The same names in another list stay the set by which their change feed is found.
		if (names !== this.#names && added.size + removed.size > 0) this.#follow(names);
		return added.size > 0 || removed.size > 0 || newlyWildcard || noLongerWildcard ? change : undefined;
	}

	moveTo(set: ResourceSet): void {
		const cursor = this.#cursor && set.follow(this.#names, this.#subscriber);
		this.close();
		if (this.#wildcard) set.subscribeAll(this.#subscriber);
		this.#set = set;
		this.#cursor = cursor;
	}

	close(): void {
		this.#set.unsubscribeAll(this.#subscriber);
		this.#unfollow();
	}

	#follow(names: ReadonlySet<string>): void {
		// Nothing may be missed of the names that were wanted up to now.
		this.#cursor?.read();
		const cursor = this.#set.follow(names, this.#subscriber);
		// Only then, or the set would forget what it has made of their names.
		this.#unfollow();
		this.#names = names;
		this.#cursor = cursor;
	}

	#unfollow(): void {
		if (this.#cursor) this.#set.unfollow(this.#names, this.#cursor);
		this.#cursor = undefined;
	}
}

/** The names that are not among the others, or are with those that count all the same. */
function* without(
	names: ReadonlySet<string>,
	others: ReadonlySet<string>,
	still: ReadonlySet<string> = NONE,
): Steps<ReadonlySet<string>> {
	if (others.size === 0) return names;
	const rest = new Set<string>();
	for (const name of names) {
		yield;
		if (!others.has(name) || still.has(name)) rest.add(name);
	}
	return rest;
}
