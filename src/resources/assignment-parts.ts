import { SocketAddress_Protocol } from "../gen/envoy/config/core/v3/address.js";
import { HealthStatus } from "../gen/envoy/config/core/v3/health_check.js";
import type { LbEndpoint, LocalityLbEndpoints } from "../gen/envoy/config/endpoint/v3/endpoint_components.js";
import { compareText, type Endpoint, type Health } from "../model/endpoint.js";
import type { Locality } from "../model/locality.js";

const MAX_UINT32 = 4_294_967_295;

const HEALTH_STATUS: Readonly<Record<Health, HealthStatus>> = {
	unknown: HealthStatus.UNKNOWN,
	healthy: HealthStatus.HEALTHY,
	unhealthy: HealthStatus.UNHEALTHY,
	draining: HealthStatus.DRAINING,
	timeout: HealthStatus.TIMEOUT,
	degraded: HealthStatus.DEGRADED,
};

export function lbEndpoint(e: Endpoint, health: Health): LbEndpoint {
	return {
		endpoint: {
			address: {
				socketAddress: {
					protocol: SocketAddress_Protocol.TCP,
					address: e.address,
					portValue: e.port,
					resolverName: "",
					ipv4Compat: false,
				},
			},
			hostname: e.hostname ?? "",
			additionalAddresses: [],
		},
		healthStatus: HEALTH_STATUS[health],
		loadBalancingWeight: e.weight,
	};
}

/** The endpoint's metadata where Envoy's subset load balancer looks for it, keys sorted. */
export function lbMetadata(e: Endpoint): LbEndpoint["metadata"] {
	const entries = Object.entries(e.metadata ?? {});
	if (entries.length === 0) return undefined;
	const sorted = entries.sort(([a], [b]) => compareText(a, b));
	return { filterMetadata: { "envoy.lb": Object.fromEntries(sorted) }, typedFilterMetadata: {} };
}

export interface WeightedLocality {
	readonly locality: Locality;
	readonly priority: number;
	/** At least 1. */
	readonly weight: number;
	readonly lbEndpoints: LbEndpoint[];
}

/** Locality always set and always with a weight; within a priority the weights sum up to no more than 2³²−1 (R40). */
export function localityLbEndpoints(localities: readonly WeightedLocality[]): LocalityLbEndpoints[] {
	const sums = new Map<number, number>();
	for (const { priority, weight } of localities) sums.set(priority, (sums.get(priority) ?? 0) + weight);
	return localities.map(({ locality, priority, weight, lbEndpoints }) => {
		const sum = sums.get(priority) as number;
		// Rounding down keeps the scaled sum below the limit; the one that becomes 0 is lifted to 1, which is why the
		// aim leaves room for one each.
		const scaled =
			sum <= MAX_UINT32 ? weight : Math.max(1, Math.floor((weight / sum) * (MAX_UINT32 - localities.length)));
		return {
			locality,
			lbEndpoints,
			loadBalancingWeight: scaled,
			priority,
		};
	});
}
