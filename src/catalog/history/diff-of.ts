import { diffEndpoints, type EndpointDiff } from "../../model/endpoint-diff.js";
import type { ServiceChange } from "../catalog.js";

const DIFFS = new WeakMap<ServiceChange, EndpointDiff>();

/** What became of a service's endpoints; found out once, however many want to know. */
export function diffOf(change: ServiceChange): EndpointDiff {
	const known = DIFFS.get(change);
	if (known) return known;
	const diff = diffEndpoints(change.previous?.endpoints ?? [], change.current?.endpoints ?? []);
	DIFFS.set(change, diff);
	return diff;
}
