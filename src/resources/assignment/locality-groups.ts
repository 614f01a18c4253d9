import type { Endpoint } from "../../model/endpoint.js";
import { sameLocality } from "../../model/locality.js";

/** The endpoints of one priority and locality. */
export interface LocalityGroup {
	/** Renumbered without gaps (R40). */
	readonly priority: number;
	readonly endpoints: readonly Endpoint[];
}

/** @param sorted endpoints in canonical order. A priority without endpoints leaves no gap. */
export function groupByLocality(sorted: readonly Endpoint[]): LocalityGroup[] {
	const groups: LocalityGroup[] = [];
	let priority = 0;
	let start = 0;
	for (let i = 1; i <= sorted.length; i++) {
		const before = sorted[i - 1] as Endpoint;
		const next = sorted[i];
		if (next && next.priority === before.priority && sameLocality(next.locality, before.locality)) continue;
		const all = start === 0 && !next;
		groups.push({ priority, endpoints: all ? sorted : sorted.slice(start, i) });
		if (next && next.priority !== before.priority) priority++;
		start = i;
	}
	return groups;
}
