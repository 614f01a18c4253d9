/** Whether two values of JSON's kinds are equal, whatever the order of their keys. */
export function sameValue(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) return true;
	if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
	if (Array.isArray(a)) {
		return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
	}
	if (Array.isArray(b)) return false;
	const keys = Object.keys(a);
	if (keys.length !== Object.keys(b).length) return false;
	const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
	return keys.every((key) => Object.hasOwn(right, key) && sameValue(left[key], right[key]));
}
