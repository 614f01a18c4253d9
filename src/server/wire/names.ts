/** Streams that share a list of names share its set, too. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();
/** Whoever has the set thereby holds the list, by which the next stream finds it. */
const lists = new WeakMap<ReadonlySet<string>, readonly string[]>();

/** The names of a list, each once (R12): for the same list the same set. */
export function namesOf(list: readonly string[]): ReadonlySet<string> {
	let set = sets.get(list);
	if (!set) {
		set = new Set(list);
		sets.set(list, set);
		lists.set(set, list);
	}
	return set;
}
