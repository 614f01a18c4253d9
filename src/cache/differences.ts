import type { ResourceSet } from "./resource-set.js";

/** The names of which the one set has something else than the other, or knows something else. */
export function differences(from: ResourceSet, to: ResourceSet): readonly string[] {
	const [memo, other] = [from.memos.differences, to.memos.differences];
	const known = memo.get(other);
	if (known) return known;
	const names = new Set([...from.names(), ...to.names()]);
	const differing = [...names].filter((name) => !isSame(from, to, name));
	memo.set(other, differing);
	return differing;
}

function isSame(from: ResourceSet, to: ResourceSet, name: string): boolean {
	if (from.overdueOf(name) !== to.overdueOf(name) || from.holds(name) !== to.holds(name)) return false;
	return !from.holds(name) || from.get(name)?.version === to.get(name)?.version;
}
