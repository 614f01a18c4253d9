import { sameValue } from "../../util/same-value.js";
import type { OtherAddress } from "../endpoint.js";
import type { OutlierDetection } from "./outlier-detection.js";

export const LB_POLICIES = [
	"round_robin",
	"least_request",
	"random",
	"ring_hash",
	"maglev",
	"client_side_weighted_round_robin",
] as const;

/** How an endpoint is chosen for a request. */
export type LbPolicy = (typeof LB_POLICIES)[number];

/** What of a request decides where it goes: one of them. */
export interface HashSource {
	/** The name of a header. */
	readonly header?: string | undefined;
	/** The name of a cookie. With a time to live Envoy sets it where it is missing. */
	readonly cookie?: string | undefined;
	/** Milliseconds, of the cookie; 0 for one of the session. */
	readonly ttl?: number | undefined;
	readonly queryParameter?: string | undefined;
	/** The address of who asks; for gRPC the client itself. */
	readonly sourceIp?: boolean | undefined;
}

/** What of an endpoint decides its place in a ring or table: its host name, or the metadata of a name. */
export type HashKey = "hostname" | { readonly metadata: string };

/** By which HTTP proxy endpoints are connected to: an address, or what an endpoint's metadata of a name say. */
export type HttpProxy = "off" | OtherAddress | { readonly metadata: string };

/** A new endpoint gets its share little by little. */
export interface SlowStart {
	/** Milliseconds until it has all of it. */
	readonly window: number;
	/** 1, the default, is a straight line; above, more at first. */
	readonly aggression?: number | undefined;
	/** What it gets at least of its weight, in percent; 10 unless given. */
	readonly minWeightPercent?: number | undefined;
}

export interface LoadBalancing {
	readonly policy: LbPolicy;
	/** Of `round_robin`, `least_request` and `client_side_weighted_round_robin`. */
	readonly slowStart?: SlowStart | undefined;
	/** Of `ring_hash` and `maglev`: the first that a request has counts. */
	readonly hashOn?: readonly HashSource[] | undefined;
	/** Of `ring_hash`: entries of the ring. */
	readonly ringSize?: { readonly minimum?: number | undefined; readonly maximum?: number | undefined } | undefined;
	/** Of `ring_hash` and `maglev`: what of an endpoint decides its place; its address unless given. */
	readonly hashKey?: HashKey | undefined;
	/** Of `maglev`: entries of the table, a prime. */
	readonly tableSize?: number | undefined;
	/** Of `ring_hash` and `maglev`: what an endpoint may have of the mean load, in percent. */
	readonly hashBalanceFactor?: number | undefined;
	/** Of `least_request`: endpoints that are looked at. */
	readonly choiceCount?: number | undefined;
	/** Of `client_side_weighted_round_robin`, as the following: endpoints report out of band so often, in milliseconds. */
	readonly oobReportingPeriod?: number | undefined;
	/** Milliseconds. */
	readonly blackoutPeriod?: number | undefined;
	/** Milliseconds. */
	readonly weightExpirationPeriod?: number | undefined;
	/** Milliseconds. */
	readonly weightUpdatePeriod?: number | undefined;
	readonly errorUtilizationPenalty?: number | undefined;
}

/** How Envoy asks an endpoint whether it is well: by one of the three. */
export interface HealthCheck {
	readonly http?:
		| {
				readonly path: string;
				readonly host?: string | undefined;
				/** Statuses that are well, from and to; 200 unless given. */
				readonly expectedStatuses?: readonly (readonly [from: number, to: number])[] | undefined;
		  }
		| undefined;
	readonly grpc?: { readonly serviceName?: string | undefined; readonly authority?: string | undefined } | undefined;
	/** A connection suffices. */
	readonly tcp?: object | undefined;
	/** Milliseconds. */
	readonly interval: number;
	/** Milliseconds. */
	readonly timeout: number;
	readonly healthyThreshold: number;
	readonly unhealthyThreshold: number;
}

/** What Envoy sends at a time at most to all endpoints; its own default where one is not given. */
export interface CircuitBreakers {
	readonly maxConnections?: number | undefined;
	readonly maxPendingRequests?: number | undefined;
	readonly maxRequests?: number | undefined;
	readonly maxRetries?: number | undefined;
}

export interface Retries {
	/** How often a request is tried once more; 0 for never. */
	readonly attempts: number;
	/** Envoy's words for what is tried again, and HTTP statuses. */
	readonly on?: readonly (string | number)[] | undefined;
	/** Milliseconds. */
	readonly perTryTimeout?: number | undefined;
	/** Milliseconds before the first and before any further one. */
	readonly backOff?: { readonly base: number; readonly max?: number | undefined } | undefined;
}

/** A message in the JSON form of protobuf, with the names that are Envoy's in JSON. */
export type MessageJson = { readonly [field: string]: unknown };

/** What is merged last into what Envoys get. */
export interface Overlay {
	readonly cluster?: MessageJson | undefined;
	readonly assignment?: MessageJson | undefined;
}

/** How clients treat the endpoints of a service, as it is written. Values of JSON's kinds; equal ones may be one object. */
export interface Policies {
	readonly loadBalancing?: LoadBalancing | undefined;
	readonly outlierDetection?: OutlierDetection | undefined;
	readonly healthChecks?: readonly HealthCheck[] | undefined;
	readonly circuitBreakers?: CircuitBreakers | undefined;
	/** Names of metadata by which parts of the endpoints can be chosen. */
	readonly subsets?: readonly (readonly string[])[] | undefined;
	/** Milliseconds for a whole request; 0 for no limit. */
	readonly timeout?: number | undefined;
	readonly retries?: Retries | undefined;
	/** The host of a request becomes the host name of the endpoint that it goes to, where that has one. */
	readonly hostRewrite?: "auto" | undefined;
	readonly proxy?: HttpProxy | undefined;
	/** For whom the identity tokens are that clients on Google Cloud bring with their requests; `off` for none. */
	readonly gcpAudience?: string | undefined;
	readonly envoy?: Overlay | undefined;
}

export const POLICY_KEYS = [
	"loadBalancing",
	"outlierDetection",
	"healthChecks",
	"circuitBreakers",
	"subsets",
	"timeout",
	"retries",
	"hostRewrite",
	"proxy",
	"gcpAudience",
	"envoy",
] as const satisfies readonly (keyof Policies)[];

interface WithPolicies {
	readonly policies?: Policies | undefined;
}

/** Whether clients of both treat endpoints in the same way. */
export function samePolicies({ policies: a }: WithPolicies, { policies: b }: WithPolicies): boolean {
	return a === b || sameValue(a ?? {}, b ?? {});
}

/** Whether requests go by a hash of what is in them. */
export function isHashing(policies: Policies | undefined): boolean {
	const policy = policies?.loadBalancing?.policy;
	return policy === "ring_hash" || policy === "maglev";
}
