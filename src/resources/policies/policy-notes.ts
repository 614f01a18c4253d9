import type { LoadBalancing, Policies } from "../../model/policies/policies.js";
import type { ServiceDefinition } from "../../model/service.js";
import { grpcConditions, isGrpcHash } from "./route-policies.js";

const KNOWN = new WeakMap<Policies, readonly string[]>();

const NONE: readonly string[] = [];

/** What gRPC clients do not get of what is said of a service that speaks gRPC, a sentence each. */
export function policyNotes({ protocol, policies }: ServiceDefinition): readonly string[] {
	if (!policies || protocol !== "grpc") return NONE;
	const known = KNOWN.get(policies);
	if (known) return known;
	const notes = [...grpcNotes(policies)];
	KNOWN.set(policies, notes);
	return notes;
}

function* grpcNotes(policies: Policies): Iterable<string> {
	const {
		loadBalancing,
		outlierDetection,
		healthChecks = [],
		circuitBreakers,
		subsets = [],
		retries,
		envoy,
	} = policies;
	if (loadBalancing) yield* lbNotes(loadBalancing);
	if (outlierDetection && outlierDetection !== "off" && "consecutiveGatewayFailure" in outlierDetection)
		yield note("outlierDetection", "they count no errors in a row, but the part of the calls that fail");
	if (healthChecks.length > 0) yield note("healthChecks", "they make none");
	if (circuitBreakers && Object.keys(circuitBreakers).some((key) => key !== "maxRequests"))
		yield note("circuitBreakers", "they have maxRequests alone");
	if (subsets.length > 0) yield note("subsets", "they choose among all endpoints");
	if (retries && retries.attempts > 0 && grpcConditions(retries).length === 0)
		yield note("retries.on", "they know none of these, and try nothing again");
	if (retries?.perTryTimeout !== undefined) yield note("retries.perTryTimeout", "they have none");
	if (envoy) yield note("envoy", "it is for Envoys");
}

function* lbNotes({ policy, slowStart, hashOn = [], hashBalanceFactor }: LoadBalancing): Iterable<string> {
	if (policy === "random") yield note("loadBalancing.policy random", "they use round_robin");
	if (policy === "maglev") yield note("loadBalancing.policy maglev", "they use ring_hash");
	if (slowStart) yield note("loadBalancing.slowStart", "a new endpoint has its share at once");
	if (hashBalanceFactor !== undefined) yield note("loadBalancing.hashBalanceFactor", "they have none");
	if (hashOn.length > 0 && !hashOn.some(isGrpcHash))
		yield note("loadBalancing.hashOn", "they hash headers and sourceIp; each call goes anywhere");
}

function note(key: string, what: string): string {
	return `gRPC clients do not get ${key}: ${what}`;
}
