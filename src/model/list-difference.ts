/** Where two lists differ: before `start`, and from the two ends on, they hold the very same. */
export interface ListDifference {
	readonly start: number;
	readonly endBefore: number;
	readonly endAfter: number;
}

/**
 * Both ends are `start` where nothing differs.
 * @param same by identity unless given: of lists that are taken over from one another it is then found in no time.
 */
export function differenceOf<T>(
	before: readonly T[],
	after: readonly T[],
	same: (a: T, b: T) => boolean = isSame,
): ListDifference {
	let endBefore = before.length;
	let endAfter = after.length;
	const shorter = Math.min(endBefore, endAfter);
	let start = 0;
	while (start < shorter && same(before[start] as T, after[start] as T)) start++;
	while (endBefore > start && endAfter > start && same(before[endBefore - 1] as T, after[endAfter - 1] as T)) {
		endBefore--;
		endAfter--;
	}
	return { start, endBefore, endAfter };
}

function isSame<T>(a: T, b: T): boolean {
	return a === b;
}
