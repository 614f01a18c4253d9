import { atOnce, type Steps } from "../../util/steps.js";

/** Streams that share a list of names share its Set. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();
/** Keeps the list alive as long as its Set: the next stream finds the Set by it. */
const lists = new WeakMap<ReadonlySet<string>, readonly string[]>();

/** The names of a list, each once (R12): the same Set for the same list. */
export function namesOf(list: readonly string[]): ReadonlySet<string> {
	return sets.get(list) ?? atOnce(namesInSteps(list));
}

/** As namesOf(), in a step for each name. */
export function* namesInSteps(list: readonly string[]): Steps<ReadonlySet<string>> {
	const known = sets.get(list);
	if (known) return known;
	const set = new Set<string>();
	for (const name of list) {
		set.add(name);
		yield;
	}
	sets.set(list, set);
	lists.set(set, list);
	return set;
}
