import type { ResourceProblem } from "../cache/resource-problem.js";
import { compareText } from "../model/endpoint.js";

/** Why clients of a family do not get a resource of a service as it should be. */
export interface ProblemJson {
	readonly type: ResourceProblem["type"];
	readonly family: ResourceProblem["family"];
	readonly reason: ResourceProblem["reason"];
	/** Of a rejection the client's own words. */
	readonly message: string;
	readonly since: string;
	/** How many clients of the family reject it now; null unless that is the reason. */
	readonly rejectedBy: number | null;
	/** How many of them have ACKed its newest version; null where that was not counted. */
	readonly ackedBy: number | null;
}

/** The problems of each service by its name; of several of one kind the first. */
export function problemsByName(problems: Iterable<ResourceProblem>): ReadonlyMap<string, readonly ProblemJson[]> {
	const byName = new Map<string, ProblemJson[]>();
	for (const { name, type, family, reason, message, since, rejectedBy, ackedBy } of problems) {
		const known = byName.get(name) ?? [];
		if (known.some((each) => each.type === type && each.family === family && each.reason === reason)) continue;
		known.push({ type, family, reason, message, since: since.toISOString(), rejectedBy, ackedBy });
		byName.set(name, known);
	}
	for (const known of byName.values())
		known.sort(
			(a, b) => compareText(a.type, b.type) || compareText(a.family, b.family) || compareText(a.reason, b.reason),
		);
	return byName;
}
