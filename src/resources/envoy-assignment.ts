import type { LocalityLbEndpoints } from "../gen/envoy/config/endpoint/v3/endpoint_components.js";
import type { Endpoint } from "../model/endpoint.js";
import { lbEndpoint, lbMetadata, localityLbEndpoints } from "./assignment-parts.js";
import { groupByLocality } from "./locality-groups.js";

/**
 * Endpoints as Envoy takes them: every health, plain endpoint weights, and as a locality's weight the sum of its
 * endpoints' weights. Weight 0 cannot be sent (R40); no traffic means that the endpoint is left out.
 * @param endpoints in canonical order.
 */
export function envoyLocalities(endpoints: readonly Endpoint[]): LocalityLbEndpoints[] {
	return localityLbEndpoints(
		groupByLocality(endpoints.filter((e) => e.weight > 0)).map((group) => ({
			locality: (group.endpoints[0] as Endpoint).locality,
			priority: group.priority,
			weight: group.endpoints.reduce((sum, e) => sum + e.weight, 0),
			lbEndpoints: group.endpoints.map((e) => ({ ...lbEndpoint(e, e.health), metadata: lbMetadata(e) })),
		})),
	);
}
