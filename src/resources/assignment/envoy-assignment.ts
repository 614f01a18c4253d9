import type { Endpoint } from "../../model/endpoint.js";
import { type TrafficWeight, trafficWeights } from "../../model/traffic/traffic-weights.js";
import { type AssignedLocality, totalWeight, withinUint32 } from "./assigned-locality.js";
import type { EndpointStyle } from "./encode-assignment.js";
import { groupByLocality } from "./locality-groups.js";

export const ENVOY_STYLE: EndpointStyle = { health: (e) => e.health, metadata: true };

/** Endpoints of targets with weights, with the weight that was sent of them last. */
const WEIGHTED = new WeakMap<Endpoint, Endpoint>();

/**
 * Endpoints as Envoy takes them: of every health, with the weights by which they get traffic. A locality weighs the sum
 * of its endpoints. Weight 0 cannot be sent (R40), so an endpoint without traffic is left out.
 * @param endpoints in canonical order.
 */
export function envoyLocalities(endpoints: readonly Endpoint[]): readonly AssignedLocality[] {
	const withTraffic = endpoints.every((e) => e.weight > 0) ? endpoints : endpoints.filter((e) => e.weight > 0);
	const weightOf = trafficWeights(withTraffic);
	return withinUint32(
		groupByLocality(withTraffic).map((group) => ({
			locality: (group.endpoints[0] as Endpoint).locality,
			priority: group.priority,
			weight: totalWeight(group.endpoints, weightOf),
			endpoints: weighted(group.endpoints, weightOf),
		})),
	);
}

/** The same objects as before where their weights are. */
function weighted(endpoints: readonly Endpoint[], weightOf: TrafficWeight): readonly Endpoint[] {
	if (endpoints.every((e) => weightOf(e) === e.weight)) return endpoints;
	return endpoints.map((e) => {
		const weight = weightOf(e);
		const known = WEIGHTED.get(e);
		if (known?.weight === weight) return known;
		const changed = { ...e, weight };
		WEIGHTED.set(e, changed);
		return changed;
	});
}
