import { setImmediate as turn } from "node:timers/promises";

/** Work in steps: between two of them the event loop may be let go. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** What is there at once or, where that takes long, the steps to it. */
export type MaybeSteps<T extends object> = T | Steps<T>;

/** Whether there are steps to do first. */
export function areSteps<T extends object>(result: MaybeSteps<T>): result is Steps<T> {
	return "next" in result;
}

/** So long a slice of work holds the event loop, in milliseconds. */
const SLICE_MS = 5;

/** Items that are sorted, or merged, in one step. */
const BLOCK = 2_048;

/** Does all the steps now. */
export function atOnce<T>(steps: Steps<T>): T {
	for (;;) {
		const { done, value } = steps.next();
		if (done) return value;
	}
}

/** Steps between two looks at the clock, for work that is mostly short. */
const STEPS_A_LOOK = 32;

/**
 * Does the steps now, and stops where that takes longer than a slice: the rest is for inSlices().
 * @returns whether it is done.
 */
export function atOnceIfShort(steps: Steps<void>): boolean {
	const since = performance.now();
	for (let i = 1; ; i++) {
		if (steps.next().done) return true;
		if (i % STEPS_A_LOOK === 0 && performance.now() - since > SLICE_MS) return false;
	}
}

/**
 * Does the steps in slices of 5 ms, so that everything else goes on between them.
 * @throws what the signal says, when it ends the work.
 */
export async function inSlices<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
	try {
		for (let since = performance.now(); ; ) {
			const { done, value } = steps.next();
			if (done) return value;
			if (performance.now() - since < SLICE_MS) continue;
			await turn();
			signal?.throwIfAborted();
			since = performance.now();
		}
	} finally {
		// Frees what unfinished steps hold.
		steps.return(undefined as T);
	}
}

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
