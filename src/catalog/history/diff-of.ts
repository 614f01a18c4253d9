import { diffInSteps, type EndpointDiff } from "../../model/endpoint-diff.js";
import type { Steps } from "../../util/steps.js";
import type { ServiceChange } from "../changes/service-change.js";

/** What became of a service's endpoints; found out once, however many want to know. */
export function* diffOf(change: ServiceChange): Steps<EndpointDiff> {
	change.diff ??= yield* diffInSteps(change.previous?.endpoints ?? [], change.current?.endpoints ?? []);
	return change.diff;
}
