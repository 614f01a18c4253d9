import type { ResourceType } from "../../../resources/resource-type.js";
import { namesOf } from "../../wire/names/names.js";

/** What a request wants more or less than the one before it. */
export interface NamesChange {
	readonly added: ReadonlySet<string>;
	/** Of these the ones that were wanted before: they were missing in a request in between. */
	readonly again: ReadonlySet<string>;
	readonly removed: ReadonlySet<string>;
	readonly newlyWildcard: boolean;
	readonly noLongerWildcard: boolean;
}

const NONE: ReadonlySet<string> = new Set();

/** What a SotW stream wants of a type: each request lists it all. */
export class SotwNames implements Iterable<string> {
	readonly #type: ResourceType;
	#names = NONE;
	#wildcard = false;
	/** The list of the last request that was no stale one: if it comes again, nothing else is wanted. */
	#asked: readonly string[] | undefined;
	/** Whether an empty list can still mean the old wildcard (R16). */
	#everNamed = false;
	/** Names that were missing in a request that was stale. */
	readonly #givenUp = new Set<string>();

	constructor(type: ResourceType) {
		this.#type = type;
	}

	get wildcard(): boolean {
		return this.#wildcard;
	}

	/** Whether a wildcard lists the resources, so that all are wanted. */
	get all(): boolean {
		return this.#wildcard && this.#type.listed;
	}

	/** The names asked for one by one: another object when they are others. */
	get named(): ReadonlySet<string> {
		return this.#names;
	}

	[Symbol.iterator](): Iterator<string> {
		return this.#names[Symbol.iterator]();
	}

	/** Whether it was asked for by its name. */
	has(name: string): boolean {
		return this.#names.has(name);
	}

	wants(name: string): boolean {
		return this.all || this.#names.has(name);
	}

	/** Whether the list is the very same as that of the request before, and none was missing in between. */
	areAskedFor(list: readonly string[]): boolean {
		return list === this.#asked && this.#givenUp.size === 0;
	}

	/**
	 * R21: what a stale request wants, the request that follows says again. But a name that is missing here was given up
	 * and forgotten: if the next request has it, it was added anew (R10).
	 */
	noteStale(list: readonly string[]): void {
		if (list === this.#asked) return;
		const kept = new Set(list);
		for (const name of this.#names) if (!kept.has(name)) this.#givenUp.add(name);
	}

	/** @returns undefined if the same is wanted as before. */
	update(list: readonly string[]): NamesChange | undefined {
		if (this.areAskedFor(list)) return undefined;
		this.#asked = list;
		const star = list.includes("*");
		const names = star ? new Set(list.filter((name) => name !== "*")) : namesOf(list);
		if (list.length > 0) this.#everNamed = true;
		const before = { names: this.#names, wildcard: this.#wildcard };
		this.#wildcard = this.#type.wildcard && (star || !this.#everNamed);
		const change = {
			added: without(names, before.names, this.#givenUp),
			again: new Set(this.#givenUp),
			removed: without(before.names, names),
			newlyWildcard: this.#wildcard && !before.wildcard,
			noLongerWildcard: before.wildcard && !this.#wildcard,
		};
		this.#givenUp.clear();
		const { added, removed, newlyWildcard, noLongerWildcard } = change;
		// The same names once more, in another list, stay the set by which the stream is known to those who tell it of changes.
		if (added.size > 0 || removed.size > 0) this.#names = names;
		return added.size > 0 || removed.size > 0 || newlyWildcard || noLongerWildcard ? change : undefined;
	}
}

/** The names that are not among the others, or are with those that count all the same. */
function without(
	names: ReadonlySet<string>,
	others: ReadonlySet<string>,
	still: ReadonlySet<string> = NONE,
): ReadonlySet<string> {
	if (others.size === 0) return names;
	return new Set([...names].filter((name) => !others.has(name) || still.has(name)));
}
