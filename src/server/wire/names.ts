/** Streams that share a list of names share its Set. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();
/** Keeps the list alive as long as its Set: the next stream finds the Set by it. */
const lists = new WeakMap<ReadonlySet<string>, readonly string[]>();

/** The names of a list, each once (R12): the same Set for the same list. */
export function namesOf(list: readonly string[]): ReadonlySet<string> {
	let set = sets.get(list);
	if (!set) {
		set = new Set(list);
		sets.set(list, set);
		lists.set(set, list);
	}
	return set;
}
