import type { ResourceSet } from "./resource-set.js";

/** Makes what is known of the name in one set that of another: the resource itself is shared. @param at as in put(). */
export function mirror(from: ResourceSet, to: ResourceSet, name: string, at: number): void {
	const resource = from.holds(name) ? from.get(name) : undefined;
	const overdue = from.overdueOf(name);
	if (overdue === undefined) {
		if (resource) to.put(resource, at);
		else to.remove(name, at);
		return;
	}
	// What is awaited stays as it was.
	if (resource && !to.holds(name)) to.put(resource, at);
	to.await(name, overdue, at);
}
