import {
	type Cluster,
	Cluster_RingHashLbConfig_HashFunction as HashFunction,
	LoadBalancingPolicy as Message,
	Cluster_LbPolicy as Policy,
} from "../../gen/envoy/config/cluster/v3/cluster.js";
import { LeastRequest } from "../../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request.js";
import { RoundRobin } from "../../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin.js";
import { WrrLocality } from "../../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality.js";
import type { LoadBalancing } from "../../model/policies/policies.js";
import { type ConfiguredPolicy, configuredPolicy } from "./configured-policy.js";
import { slowStartOf } from "./slow-start.js";
import { weightedInLocalities, weightedRoundRobin } from "./weighted-round-robin.js";

type ClusterParts = Parameters<typeof Cluster.fromPartial>[0];

/** Clients of gRPC take no larger ring (gRFC A42). */
const MAX_GRPC_RING = 8_388_608;

/** How an Envoy chooses an endpoint. */
export function envoyLbPolicy(of: LoadBalancing): ClusterParts {
	const { policy, slowStart, ringSize, tableSize, hashBalanceFactor, choiceCount } = of;
	const slowStartConfig = slowStart && slowStartOf(slowStart);
	switch (policy) {
		case "round_robin":
			return slowStartConfig ? { roundRobinLbConfig: { slowStartConfig } } : {};
		case "least_request": {
			const config = { ...(choiceCount && { choiceCount }), ...(slowStartConfig && { slowStartConfig }) };
			return { lbPolicy: Policy.LEAST_REQUEST, leastRequestLbConfig: config };
		}
		case "random":
			// It does not go by what endpoints weigh: at least localities have their shares.
			return { lbPolicy: Policy.RANDOM, commonLbConfig: { localityWeightedLbConfig: {} } };
		case "ring_hash":
			return { lbPolicy: Policy.RING_HASH, ringHashLbConfig: ringOf(ringSize), ...balanced(hashBalanceFactor) };
		case "maglev":
			return {
				lbPolicy: Policy.MAGLEV,
				...(tableSize && { maglevLbConfig: { tableSize } }),
				...balanced(hashBalanceFactor),
			};
		case "client_side_weighted_round_robin":
			return { loadBalancingPolicy: { policies: [weightedInLocalities(of), weightedRoundRobin(of), roundRobin()] } };
	}
}

/**
 * How a gRPC client chooses one. What not all versions know stands in a list from which a client takes the first that it
 * knows (gRFC A52); what none knows is round robin, and of hashing a ring.
 */
export function grpcLbPolicy(of: LoadBalancing): ClusterParts {
	switch (of.policy) {
		case "ring_hash":
		case "maglev":
			return { lbPolicy: Policy.RING_HASH, ringHashLbConfig: ringOf(of.ringSize) };
		case "least_request":
			return inLocalities(leastRequest(of));
		case "client_side_weighted_round_robin":
			return inLocalities(weightedRoundRobin(of));
		default:
			return {};
	}
}

function inLocalities(policy: ConfiguredPolicy): ClusterParts {
	return { loadBalancingPolicy: { policies: [wrrLocality([policy, roundRobin()])] } };
}

function roundRobin(): ConfiguredPolicy {
	return configuredPolicy("round_robin", "RoundRobin", RoundRobin.encode(RoundRobin.fromPartial({})).finish());
}

function leastRequest({ choiceCount }: LoadBalancing): ConfiguredPolicy {
	const message = LeastRequest.fromPartial(choiceCount === undefined ? {} : { choiceCount });
	return configuredPolicy("least_request", "LeastRequest", LeastRequest.encode(message).finish());
}

function wrrLocality(policies: ConfiguredPolicy[]): ConfiguredPolicy {
	const message = WrrLocality.fromPartial({ endpointPickingPolicy: Message.fromPartial({ policies }) });
	return configuredPolicy("wrr_locality", "WrrLocality", WrrLocality.encode(message).finish());
}

function ringOf({ minimum, maximum }: NonNullable<LoadBalancing["ringSize"]> = {}) {
	return {
		hashFunction: HashFunction.XX_HASH,
		...(minimum !== undefined && { minimumRingSize: minimum }),
		...(maximum !== undefined && { maximumRingSize: Math.min(maximum, MAX_GRPC_RING) }),
	};
}

/** In Envoy it is of all policies that hash. */
function balanced(hashBalanceFactor: number | undefined): ClusterParts {
	return hashBalanceFactor === undefined
		? {}
		: { commonLbConfig: { consistentHashingLbConfig: { hashBalanceFactor } } };
}
