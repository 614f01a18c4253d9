import { type Endpoint, isReady } from "../../model/endpoint.js";
import { ownWeight } from "../../model/traffic/traffic-weights.js";
import { type AssignedLocality, totalWeight, withinUint32 } from "./encode/assigned-locality.js";
import { envoyLocalities } from "./envoy-assignment.js";

/** An Envoy takes a locality for whole while so many times its healthy part is at least 1. */
const OVERPROVISIONING = 1.4;
/** Weights are finer by this where some are divided. */
const FINER = 1_024;

/**
 * As envoyLocalities(), for Envoys that go by the weights of localities only: a locality weighs what its ready endpoints
 * weigh, which get all of its traffic.
 */
export function randomLocalities(endpoints: readonly Endpoint[]): readonly AssignedLocality[] {
	const localities = envoyLocalities(endpoints);
	const counts = countsAmong(localities);
	return withinUint32(
		localities.map((each) => ({ ...each, weight: Math.max(1, totalWeight(each.endpoints.filter(counts), ownWeight)) })),
	);
}

/** An Envoy takes a part of the weight of a locality with many endpoints that are not ready: that is made up for. */
export function forRandom(localities: readonly AssignedLocality[]): readonly AssignedLocality[] {
	const counts = countsAmong(localities);
	const parts = localities.map(({ endpoints }) => {
		const ready = endpoints.filter(counts).length;
		return ready === 0 ? 1 : Math.min(1, (OVERPROVISIONING * ready) / endpoints.length);
	});
	if (parts.every((part) => part === 1)) return localities;
	return withinUint32(
		localities.map((each, i) => ({
			...each,
			weight: Math.round((each.weight * FINER) / (parts[i] as number)),
			from: each.from ?? each,
		})),
	);
}

/** Degraded endpoints get traffic only where there are no others. */
function countsAmong(localities: readonly AssignedLocality[]): (e: Endpoint) => boolean {
	return localities.some(({ endpoints }) => endpoints.some(isReady)) ? isReady : () => true;
}
