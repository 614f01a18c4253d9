import type { Endpoint } from "../model/endpoint.js";
import { sameLocality } from "../model/locality.js";

/** The endpoints of one priority and locality. */
export interface LocalityGroup {
	/** Renumbered so that there is no gap (R40). */
	readonly priority: number;
	readonly endpoints: readonly Endpoint[];
}

/** Groups endpoints that are in canonical order; a priority that has none left leaves no gap. */
export function groupByLocality(sorted: readonly Endpoint[]): LocalityGroup[] {
	const groups: LocalityGroup[] = [];
	let priority = 0;
	let start = 0;
	for (let i = 0; i < sorted.length; i++) {
		const [e, next] = [sorted[i] as Endpoint, sorted[i + 1]];
		if (next && next.priority === e.priority && sameLocality(e.locality, next.locality)) continue;
		groups.push({ priority, endpoints: sorted.slice(start, i + 1) });
		if (next && next.priority !== e.priority) priority++;
		start = i + 1;
	}
	return groups;
}
