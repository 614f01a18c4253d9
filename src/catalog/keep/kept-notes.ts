import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import type { KeptStatus } from "./kept-status.js";

const DEGRADED = new WeakMap<readonly Endpoint[], readonly Endpoint[]>();

/** They get traffic only while there are no others. The same list for the same list. */
export function degradedEndpoints(endpoints: readonly Endpoint[]): readonly Endpoint[] {
	const known = DEGRADED.get(endpoints);
	if (known) return known;
	const degraded = endpoints.map((e): Endpoint => {
		return e.health === "healthy" || e.health === "unknown" ? { ...e, health: "degraded" } : e;
	});
	DEGRADED.set(endpoints, degraded);
	return degraded;
}

/** What was done to keep a target's endpoints, in a sentence each. */
export function notesOfKept({ target, held, outage, staleSince, endpoints }: KeptStatus): readonly string[] {
	const notes: string[] = [];
	if (outage) {
		const since = staleSince?.toISOString();
		const what = outage === "dropped" ? "its endpoints are left out" : "its endpoints are degraded";
		notes.push(`${target} has not answered since ${since}: ${what}, as onFailure says`);
	}
	if (held) {
		const count = held.endpoints.length;
		const what = `${count} of ${held.before} endpoints of ${target}`;
		const why = held.why === "target" ? "" : ", as most services of the source would be empty";
		const now = endpoints === 0 ? "the source says that there are none" : `the source has ${endpoints}`;
		notes.push(`${what} ${count === 1 ? "is" : "are"} held: ${now}${why}`);
	}
	return notes;
}

/** What is to be said of a target: that it has no endpoint, too, as its name may be misspelt. */
export function notesOf(kept: {
	readonly target: Target;
	readonly endpoints: readonly Endpoint[] | undefined;
	readonly notes: readonly string[];
}): readonly string[] {
	const { endpoints, notes, target } = kept;
	return endpoints?.length === 0 && notes.length === 0 ? [`${target.text} has no endpoint`] : notes;
}
