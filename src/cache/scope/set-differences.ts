import type { ResourceSet } from "../resource-set.js";

/**
 * Memo of the names of which another set has something else: streams that go over from the one to the other look them up
 * once. It is a part of both sets, and cleared by a change of either.
 */
export class SetDifferences {
	#to = new WeakMap<object, readonly string[]>();
	#isEmpty = true;

	get(other: SetDifferences): readonly string[] | undefined {
		const names = this.#to.get(other);
		return names && other.#to.get(this) === names ? names : undefined;
	}

	set(other: SetDifferences, names: readonly string[]): void {
		for (const [one, two] of [
			[this, other],
			[other, this],
		] as const) {
			one.#to.set(two, names);
			one.#isEmpty = false;
		}
	}

	clear(): void {
		if (this.#isEmpty) return;
		this.#to = new WeakMap();
		this.#isEmpty = true;
	}
}

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
