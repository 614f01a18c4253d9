import {
	type Cluster,
	Cluster_LbSubsetConfig_LbSubsetFallbackPolicy as Fallback,
} from "../../gen/envoy/config/cluster/v3/cluster.js";
import { CodecClientType } from "../../gen/envoy/type/v3/http.js";
import type { HealthCheck, Policies } from "../../model/policies/policies.js";
import type { ServiceDefinition } from "../../model/service.js";
import { durationOf } from "../duration-of.js";
import { envoyLbPolicy, grpcLbPolicy } from "./lb-policy.js";
import { envoyOutliers, grpcOutliers } from "./outliers.js";

type ClusterParts = Parameters<typeof Cluster.fromPartial>[0];

/**
 * As many as there may be requests. With Envoy's own 3 a retry is given up where more than three are under way, and so
 * they are when several endpoints end at once.
 */
const MAX_RETRIES = 1_024;

/** What of the policies stands in an Envoy's cluster. */
export function envoyClusterPolicies(service: ServiceDefinition): ClusterParts {
	const { loadBalancing, outlierDetection, healthChecks = [], circuitBreakers, subsets = [] } = service.policies ?? {};
	const outliers = envoyOutliers(outlierDetection);
	return {
		...(loadBalancing && envoyLbPolicy(loadBalancing)),
		...(outliers && { outlierDetection: outliers }),
		// Otherwise an endpoint that is gone is used for as long as it answers the checks.
		...(healthChecks.length > 0 && {
			healthChecks: healthChecks.map((each) => checkOf(each, service)),
			ignoreHealthOnHostRemoval: true,
		}),
		circuitBreakers: {
			thresholds: [{ ...circuitBreakers, maxRetries: circuitBreakers?.maxRetries ?? MAX_RETRIES }],
		},
		...(subsets.length > 0 && { lbSubsetConfig: subsetsOf(subsets) }),
	};
}

/** What of them gRPC clients read (G2). */
export function grpcClusterPolicies({ loadBalancing, outlierDetection, circuitBreakers }: Policies): ClusterParts {
	const outliers = grpcOutliers(outlierDetection);
	const { maxRequests } = circuitBreakers ?? {};
	return {
		...(loadBalancing && grpcLbPolicy(loadBalancing)),
		...(outliers && { outlierDetection: outliers }),
		...(maxRequests !== undefined && { circuitBreakers: { thresholds: [{ maxRequests }] } }),
	};
}

function checkOf(
	check: HealthCheck,
	{ name, protocol }: ServiceDefinition,
): NonNullable<ClusterParts["healthChecks"]>[number] {
	const { http, grpc, interval, timeout, healthyThreshold, unhealthyThreshold } = check;
	// Envoy's own time without traffic is a minute: so late it would see that an endpoint of a quiet service has died.
	const common = {
		interval: durationOf(interval),
		noTrafficInterval: durationOf(interval),
		timeout: durationOf(timeout),
		healthyThreshold,
		unhealthyThreshold,
	};
	if (http) {
		const { path, host = name, expectedStatuses = [] } = http;
		const codecClientType = protocol === "http1" ? CodecClientType.HTTP1 : CodecClientType.HTTP2;
		const ranges = expectedStatuses.map(([from, to]) => ({ start: from, end: to + 1 }));
		return { ...common, httpHealthCheck: { path, host, codecClientType, expectedStatuses: ranges } };
	}
	if (!grpc) return { ...common, tcpHealthCheck: {} };
	const { serviceName = "", authority = "" } = grpc;
	return { ...common, grpcHealthCheck: { serviceName, authority } };
}

/** A request that asks for no part, or for one that is empty, goes to any endpoint. */
function subsetsOf(subsets: NonNullable<Policies["subsets"]>): ClusterParts["lbSubsetConfig"] {
	return {
		fallbackPolicy: Fallback.ANY_ENDPOINT,
		subsetSelectors: subsets.map((keys) => ({ keys: [...keys] })),
		listAsAny: true,
	};
}
