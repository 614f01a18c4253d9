import type { LoadBalancing, Policies } from "../../model/policies/policies.js";
import type { ServiceDefinition } from "../../model/service.js";
import { envoyTakesProxy, hasProxy } from "./proxies.js";
import { grpcConditions, isGrpcHash } from "./route-policies.js";

export interface PolicyNote {
	/** Which key it is of. */
	readonly key: keyof Policies;
	/** A sentence. */
	readonly text: string;
}

const KNOWN = new WeakMap<Policies, readonly PolicyNote[]>();

const NONE: readonly PolicyNote[] = [];

/** What clients do not get of what is said of a service: gRPC clients where it speaks gRPC, and Envoys. */
export function policyNotes(service: ServiceDefinition): readonly PolicyNote[] {
	const { protocol, policies } = service;
	if (!policies) return NONE;
	const ofEnvoys = hasProxy(service) && !envoyTakesProxy(service) ? [NO_PROXY_IN_CLEAR] : NONE;
	if (protocol !== "grpc") return ofEnvoys;
	const known = KNOWN.get(policies) ?? [...grpcNotes(policies)];
	KNOWN.set(policies, known);
	return [...known, ...ofEnvoys];
}

const NO_PROXY_IN_CLEAR: PolicyNote = {
	key: "proxy",
	text: "Envoys do not get proxy: it needs tls, for in clear those before 1.38 get no answer by one",
};

function* grpcNotes(policies: Policies): Iterable<PolicyNote> {
	const {
		loadBalancing,
		outlierDetection,
		healthChecks = [],
		circuitBreakers,
		subsets = [],
		retries,
		proxy,
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
	if (proxy && proxy !== "off") yield note("proxy", "but those whose bootstrap says that they know it");
	if (envoy) yield note("envoy", "it is for Envoys");
}

function* lbNotes({ policy, slowStart, hashOn = [], hashBalanceFactor }: LoadBalancing): Iterable<PolicyNote> {
	if (policy === "random") yield note("loadBalancing.policy random", "they use round_robin");
	if (policy === "maglev") yield note("loadBalancing.policy maglev", "they use ring_hash");
	if (slowStart) yield note("loadBalancing.slowStart", "a new endpoint has its share at once");
	if (hashBalanceFactor !== undefined) yield note("loadBalancing.hashBalanceFactor", "they have none");
	if (hashOn.length > 0 && !hashOn.some(isGrpcHash))
		yield note("loadBalancing.hashOn", "they hash headers and sourceIp; each call goes anywhere");
}

/** @param what is not got: a key, or one within it. */
function note(what: string, why: string): PolicyNote {
	return { key: /^\w+/.exec(what)?.[0] as keyof Policies, text: `gRPC clients do not get ${what}: ${why}` };
}
