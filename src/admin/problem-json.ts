import type { ResourceProblem } from "../cache/resource-problem.js";
import type { ServiceState } from "../catalog/service-state.js";
import { compareText } from "../model/endpoint.js";

/** Why clients do not get a service as it should be. */
export interface ProblemJson {
	/** Null where it is unknown: then it concerns all types and families. */
	readonly type: ResourceProblem["type"] | null;
	readonly family: ResourceProblem["family"] | null;
	/** `unknown`: no target has answered; the service has no endpoints to give. */
	readonly reason: ResourceProblem["reason"] | "unknown";
	/** Of a rejection the client's own words. */
	readonly message: string;
	/** Null while no target has failed yet. */
	readonly since: string | null;
	/** How many clients of the family reject it now; null unless that is the reason. */
	readonly rejectedBy: number | null;
	/** How many of them have ACKed its newest version; null where that was not counted. */
	readonly ackedBy: number | null;
}

/** That the service is unknown, and why: what its targets say. */
export function unknownProblem({ state, targets }: Pick<ServiceState, "state" | "targets">): readonly ProblemJson[] {
	if (state !== "unknown") return [];
	const silent = targets.filter((each) => each.state === "connecting" || each.state === "failed");
	const message = silent
		.map(({ target, lastError }) => `${target}: ${lastError?.message ?? "no answer yet"}`)
		.join("; ");
	const [since = null] = targets.flatMap(({ staleSince }) => staleSince?.toISOString() ?? []).sort();
	return [{ type: null, family: null, reason: "unknown", message, since, rejectedBy: null, ackedBy: null }];
}

/** The problems of each service by its name; of several of one kind the first. */
export function problemsByName(problems: Iterable<ResourceProblem>): ReadonlyMap<string, readonly ProblemJson[]> {
	const byName = new Map<
		string,
		(ProblemJson & { type: ResourceProblem["type"]; family: ResourceProblem["family"] })[]
	>();
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
