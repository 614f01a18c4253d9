import type { RouteAction } from "../../gen/envoy/config/route/v3/route_components.js";
import { PreviousHostsPredicate } from "../../gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.js";
import { PreviousPrioritiesConfig } from "../../gen/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config.js";
import { type HashSource, isHashing, type Policies, type Retries } from "../../model/policies/policies.js";
import { GRPC_RETRY_CONDITIONS, NEVER_SENT } from "../../model/policies/retry-conditions.js";
import { durationOf } from "../duration-of.js";

type ActionParts = Parameters<typeof RouteAction.fromPartial>[0];

const PREVIOUS_HOSTS = {
	name: "envoy.retry_host_predicates.previous_hosts",
	typedConfig: {
		typeUrl: "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
		value: PreviousHostsPredicate.encode(PreviousHostsPredicate.fromPartial({})).finish(),
	},
};

/** After two endpoints of a priority in vain the next two are of another one: all of the first may be gone. */
const PREVIOUS_PRIORITIES = {
	name: "envoy.retry_priorities.previous_priorities",
	typedConfig: {
		typeUrl: "type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
		value: PreviousPrioritiesConfig.encode(PreviousPrioritiesConfig.fromPartial({ updateFrequency: 2 })).finish(),
	},
};

/** Where nothing is said: two endpoints of each priority that the zones make of one. */
const USUAL_RETRIES: Retries = { attempts: 5 };

/** The most attempts that gRPC clients make, the first one too (gRFC A6). */
const MAX_GRPC_RETRIES = 4;

/** With 1 ms C-core 1.85 waits for ever when its jitter makes 0 of it. */
const MIN_GRPC_BACK_OFF_MS = 5;

/** What of the policies stands in an Envoy's route. */
export function envoyRoutePolicies({ loadBalancing, timeout, retries, hostRewrite }: Policies = {}): ActionParts {
	return {
		...(hostRewrite && { autoHostRewrite: true }),
		...(timeout !== undefined && { timeout: durationOf(timeout) }),
		...envoyRetries(retries),
		...hashPolicyOf(loadBalancing?.hashOn, envoyHash),
	};
}

/** What of them gRPC clients read: gRFC A31, A42, A44 and A81. */
export function grpcRoutePolicies(policies: Policies = {}): ActionParts {
	const { loadBalancing, timeout = 0, retries, hostRewrite } = policies;
	return {
		...(hostRewrite && { autoHostRewrite: true }),
		...(timeout > 0 && { maxStreamDuration: { maxStreamDuration: durationOf(timeout) } }),
		...(retries && grpcRetries(retries)),
		...(isHashing(policies) && hashPolicyOf(loadBalancing?.hashOn, grpcHash)),
	};
}

/** Whether gRPC clients know what is hashed. */
export function isGrpcHash(source: HashSource): boolean {
	return grpcHash(source) !== undefined;
}

/** The conditions that gRPC clients know; without any they try nothing again. */
export function grpcConditions({ on = ["unavailable"] }: Retries): readonly (string | number)[] {
	const known: readonly (string | number)[] = GRPC_RETRY_CONDITIONS;
	return on.filter((each) => known.includes(each));
}

/** A request that never reached an endpoint is sent to another one, safe for every method. */
function envoyRetries(written: Retries | undefined): ActionParts {
	const { attempts, on = written ? ["unavailable"] : [], perTryTimeout, backOff } = written ?? USUAL_RETRIES;
	if (attempts === 0) return {};
	const retriableStatusCodes = on.filter((each) => typeof each === "number");
	const words = new Set([...NEVER_SENT, ...on.filter((each) => typeof each === "string")]);
	if (retriableStatusCodes.length > 0) words.add("retriable-status-codes");
	return {
		retryPolicy: {
			retryOn: [...words].join(","),
			numRetries: attempts,
			retryHostPredicate: [PREVIOUS_HOSTS],
			hostSelectionRetryMaxAttempts: 3,
			retryPriority: PREVIOUS_PRIORITIES,
			retriableStatusCodes,
			...(perTryTimeout !== undefined && { perTryTimeout: durationOf(perTryTimeout) }),
			...(backOff && { retryBackOff: backOffOf(backOff) }),
		},
	};
}

function grpcRetries(written: Retries): ActionParts {
	const conditions = grpcConditions(written);
	if (written.attempts === 0 || conditions.length === 0) return {};
	return {
		retryPolicy: {
			retryOn: conditions.join(","),
			numRetries: Math.min(written.attempts, MAX_GRPC_RETRIES),
			...(written.backOff && { retryBackOff: backOffOf(written.backOff, MIN_GRPC_BACK_OFF_MS) }),
		},
	};
}

function backOffOf({ base, max = 10 * base }: NonNullable<Retries["backOff"]>, least = 1) {
	return { baseInterval: durationOf(Math.max(base, least)), maxInterval: durationOf(Math.max(max, least)) };
}

type HashPolicy = NonNullable<ActionParts["hashPolicy"]>[number];

/** The first that a request has counts. */
function hashPolicyOf(
	sources: readonly HashSource[] | undefined,
	of: (source: HashSource) => HashPolicy | undefined,
): ActionParts {
	const policies = (sources ?? []).flatMap((each) => of(each) ?? []);
	if (policies.length === 0) return {};
	return { hashPolicy: policies.map((each, i) => ({ ...each, terminal: i < policies.length - 1 })) };
}

function envoyHash({ header, cookie, ttl, queryParameter }: HashSource): HashPolicy {
	if (header !== undefined) return { header: { headerName: header } };
	if (cookie !== undefined)
		return { cookie: { name: cookie, ...(ttl !== undefined && { ttl: durationOf(ttl), path: "/" }) } };
	if (queryParameter !== undefined) return { queryParameter: { name: queryParameter } };
	return { connectionProperties: { sourceIp: true } };
}

/** A gRPC client is its own source: what it hashes for that is a number of its channel. */
function grpcHash({ header, sourceIp }: HashSource): HashPolicy | undefined {
	if (header !== undefined) return { header: { headerName: header } };
	return sourceIp ? { filterState: { key: "io.grpc.channel_id" } } : undefined;
}
