import type { ResourceType } from "../resources/resource-type.js";

/** What a request wants more or less than the one before it. */
export interface NamesChange {
	readonly added: readonly string[];
	readonly removed: readonly string[];
	readonly newlyWildcard: boolean;
	readonly noLongerWildcard: boolean;
}

/** What a SotW stream wants of a type: each request lists it all. */
export class SotwNames implements Iterable<string> {
	readonly #type: ResourceType;
	#names: ReadonlySet<string> = new Set();
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

	/** The names asked for one by one. */
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
		if (list === this.#asked && this.#givenUp.size === 0) return undefined;
		this.#asked = list;
		const star = list.includes("*");
		const names = star ? new Set(list.filter((name) => name !== "*")) : setOf(list);
		if (list.length > 0) this.#everNamed = true;
		const before = { names: this.#names, wildcard: this.#wildcard };
		this.#wildcard = this.#type.wildcard && (star || !this.#everNamed);
		this.#names = names;
		const change = {
			added: [...names].filter((name) => !before.names.has(name) || this.#givenUp.has(name)),
			removed: [...before.names].filter((name) => !names.has(name)),
			newlyWildcard: this.#wildcard && !before.wildcard,
			noLongerWildcard: before.wildcard && !this.#wildcard,
		};
		this.#givenUp.clear();
		const { added, removed, newlyWildcard, noLongerWildcard } = change;
		return added.length > 0 || removed.length > 0 || newlyWildcard || noLongerWildcard ? change : undefined;
	}
}

/** Streams that share a list share its set, too. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(list: readonly string[]): ReadonlySet<string> {
	let set = sets.get(list);
	if (!set) {
		set = new Set(list);
		sets.set(list, set);
	}
	return set;
}
