/** Items that are sorted, or merged, in one step. */
const BLOCK = 2_048;

/** Sorts in steps, and as stably as toSorted(). @param pause what each step yields. */
export function* sortInSteps<T, Pause>(
	items: readonly T[],
	compare: (a: T, b: T) => number,
	pause: Pause,
): Generator<Pause, readonly T[], undefined> {
	let runs: (readonly T[])[] = [];
	for (let from = 0; from < items.length; from += BLOCK) {
		runs.push(items.slice(from, from + BLOCK).sort(compare));
		yield pause;
	}
	while (runs.length > 1) {
		const merged: (readonly T[])[] = [];
		for (let i = 0; i < runs.length; i += 2)
			merged.push(yield* merge(runs[i] ?? [], runs[i + 1] ?? [], compare, pause));
		runs = merged;
	}
	return runs[0] ?? [];
}

function* merge<T, Pause>(
	a: readonly T[],
	b: readonly T[],
	compare: (a: T, b: T) => number,
	pause: Pause,
): Generator<Pause, readonly T[], undefined> {
	if (b.length === 0) return a;
	const merged: T[] = [];
	let [i, j] = [0, 0];
	while (i < a.length || j < b.length) {
		const isLeft = j >= b.length || (i < a.length && compare(a[i] as T, b[j] as T) <= 0);
		merged.push(isLeft ? (a[i++] as T) : (b[j++] as T));
		if (merged.length % BLOCK === 0) yield pause;
	}
	return merged;
}
