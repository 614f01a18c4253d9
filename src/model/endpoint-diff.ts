import { AddressMap } from "./address-map.js";
import { compareEndpoints, type Endpoint, sameEndpoint } from "./endpoint.js";
import { differenceOf } from "./list-difference.js";

/** What happened to a list of endpoints; an endpoint is known by its address. */
export interface EndpointDiff {
	readonly added: readonly Endpoint[];
	readonly removed: readonly Endpoint[];
	/** As they are now. */
	readonly changed: readonly Endpoint[];
}

/** Quick where both lists are in canonical order, each address once in each: then only what differs is looked up. */
export function diffEndpoints(before: readonly Endpoint[], after: readonly Endpoint[]): EndpointDiff {
	const { start, endBefore, endAfter } = differenceOf(before, after);
	const { left, met } = meet(before.slice(start, endBefore), after.slice(start, endAfter));
	const old = new AddressMap<Endpoint>();
	for (const e of left) old.set(e, e);
	const added: Endpoint[] = [];
	const changed: Endpoint[] = [];
	for (const [e, same] of met) {
		// An endpoint of another priority or locality stands elsewhere in the list.
		const previous = same ?? old.get(e);
		if (!previous) added.push(e);
		else if (!sameEndpoint(previous, e)) changed.push(e);
		if (!same) old.delete(e);
	}
	return { added, removed: left.filter((e) => old.has(e)), changed };
}

/** Goes through both lists at once. */
function meet(
	before: readonly Endpoint[],
	after: readonly Endpoint[],
): { left: Endpoint[]; met: [Endpoint, Endpoint | undefined][] } {
	/** Of the old list, those that did not meet one of the same place in the new one. */
	const left: Endpoint[] = [];
	/** Of the new list, those that are not just the same as before, with the old one that they met. */
	const met: [Endpoint, Endpoint | undefined][] = [];
	let i = 0;
	for (const e of after) {
		let order = -1;
		for (; i < before.length; i++) {
			const b = before[i] as Endpoint;
			order = compareEndpoints(b, e);
			if (order >= 0) break;
			left.push(b);
		}
		const same = order === 0 ? before[i++] : undefined;
		if (same === undefined || !sameEndpoint(same, e)) met.push([e, same]);
	}
	for (; i < before.length; i++) left.push(before[i] as Endpoint);
	return { left, met };
}
