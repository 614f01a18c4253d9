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
	const groups: { priority: number; endpoints: Endpoint[] }[] = [];
	let priority = -1;
	let last: Endpoint | undefined;
	for (const e of sorted) {
		const samePriority = last !== undefined && last.priority === e.priority;
		if (!samePriority) priority++;
		if (samePriority && last && sameLocality(last.locality, e.locality)) groups.at(-1)?.endpoints.push(e);
		else groups.push({ priority, endpoints: [e] });
		last = e;
	}
	return groups;
}
