import type { Endpoint } from "../../model/endpoint.js";
import { ownWeight, weighted } from "../../model/traffic/traffic-weights.js";
import { type AssignedLocality, totalWeight, withinUint32 } from "./encode/assigned-locality.js";
import type { EndpointStyle } from "./encode/encode-assignment.js";
import { groupByLocality } from "./locality-groups.js";

export const ENVOY_STYLE: EndpointStyle = { health: (e) => e.health, metadata: (e) => e.metadata };

/**
 * Endpoints as Envoy takes them: of every health, with the weights by which they get traffic. A locality weighs the sum
 * of its endpoints. Weight 0 cannot be sent (R40), so an endpoint without traffic is left out.
 * @param endpoints in canonical order.
 */
export function envoyLocalities(endpoints: readonly Endpoint[]): readonly AssignedLocality[] {
	const withTraffic = endpoints.every((e) => e.weight > 0) ? endpoints : endpoints.filter((e) => e.weight > 0);
	return withinUint32(
		groupByLocality(weighted(withTraffic)).map((group) => ({
			locality: (group.endpoints[0] as Endpoint).locality,
			priority: group.priority,
			weight: totalWeight(group.endpoints, ownWeight),
			endpoints: group.endpoints,
		})),
	);
}
