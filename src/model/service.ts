import { sameValue } from "../util/same-value.js";
import { type Endpoint, type Health, type Origin, sameEndpoints } from "./endpoint.js";
import type { WrittenSafeguards } from "./keep/safeguards.js";
import type { Locality } from "./locality.js";
import type { Metadata } from "./metadata.js";
import { type Policies, samePolicies } from "./policies/policies.js";
import type { Target } from "./target.js";
import type { SubsetSettings } from "./traffic/subset.js";
import { sameTls, type UpstreamTls } from "./traffic/upstream-tls.js";
import type { ZoneSettings } from "./zones/zone-settings.js";

export const PROTOCOLS = ["http1", "http2", "grpc"] as const;

/** What the endpoints speak: `http2` and `grpc` make Envoy use HTTP/2 to them. */
export type Protocol = (typeof PROTOCOLS)[number];

/** How long Envoy waits for a connection to an endpoint unless the service says otherwise: 5 s. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;

export interface ServiceTarget extends WrittenSafeguards {
	readonly target: Target;
	/** 0 is used first; the endpoints of the next priority only when those do not suffice. */
	readonly priority: number;
	/**
	 * The target's part of the traffic of its priority, relative to the weights of the other targets of it: 0–65535. All
	 * targets of a priority have one, or none.
	 */
	readonly weight?: number | undefined;
	/** Its endpoints are no better than this. */
	readonly health?: Health | undefined;
	/** The parts that are given count for all its endpoints. */
	readonly locality?: { readonly [K in keyof Locality]?: Locality[K] | undefined } | undefined;
	/** Beside each endpoint's own; of a key in both this one counts. */
	readonly metadata?: Metadata | undefined;
}

/** A second target that is watched and compared with the service, and not served. */
export interface ServiceCompare {
	readonly with: Target;
}

/** What the config says of a service: either targets, or endpoints written out. */
export interface ServiceDefinition extends WrittenSafeguards {
	readonly name: string;
	readonly protocol: Protocol;
	/** Milliseconds. */
	readonly connectTimeout: number;
	/** By TLS to the endpoints; also without it where a target is `https`. */
	readonly tls?: UpstreamTls | undefined;
	/** How clients treat the endpoints; as without a word of it unless given. */
	readonly policies?: Policies | undefined;
	/** Where the clients of a zone are sent; DEFAULT_ZONES unless given. */
	readonly zones?: ZoneSettings | undefined;
	/** Each client gets a part of the endpoints; all unless given. */
	readonly subset?: SubsetSettings | undefined;
	readonly targets: readonly ServiceTarget[];
	readonly endpoints?: readonly Endpoint[];
	readonly compare?: ServiceCompare;
}

/** Why the name cannot be a service's, or undefined if it can. */
export function serviceNameProblem(name: string): string | undefined {
	if (name.length < 1 || name.length > 253) return "a service name has 1 to 253 characters";
	if (/xdstp:/.test(name)) return 'a service name may not contain "xdstp:"';
	if (!/^[A-Za-z0-9._\-:/]+$/.test(name)) return "a service name has only letters, digits and . _ - : /";
	return undefined;
}

/** Whether both have the same targets, or the same endpoints from the same places: what a watch depends on. */
export function sameSources(a: ServiceDefinition, b: ServiceDefinition): boolean {
	if (a === b) return true;
	return (
		a.targets.length === b.targets.length &&
		a.targets.every(({ target, priority }, i) => {
			const other = b.targets[i] as ServiceTarget;
			return target.text === other.target.text && priority === other.priority;
		}) &&
		(a.endpoints === undefined) === (b.endpoints === undefined) &&
		sameEndpoints(a.endpoints ?? [], b.endpoints ?? []) &&
		(a.endpoints ?? []).every(({ origin }, i) => sameOrigin(origin, b.endpoints?.[i]?.origin))
	);
}

function sameOrigin(a: Origin | undefined, b: Origin | undefined): boolean {
	if (a === b) return true;
	return (
		a?.target === b?.target &&
		a?.object === b?.object &&
		a?.revision === b?.revision &&
		a?.at?.getTime() === b?.at?.getTime()
	);
}

/** Whether both give the same resources from the same sources. */
export function sameDefinition(a: ServiceDefinition, b: ServiceDefinition): boolean {
	if (a === b) return true;
	return (
		a.name === b.name &&
		a.protocol === b.protocol &&
		a.connectTimeout === b.connectTimeout &&
		sameTls(a, b) &&
		samePolicies(a, b) &&
		sameValue(a.zones, b.zones) &&
		sameValue(a.subset, b.subset) &&
		sameSources(a, b) &&
		sameTargets(a, b) &&
		a.compare?.with.text === b.compare?.with.text &&
		sameSafeguards(a, b)
	);
}

/** Whether both have the same targets and say the same of their endpoints. */
export function sameTargets(a: ServiceDefinition, b: ServiceDefinition): boolean {
	return (
		a.targets === b.targets ||
		(a.targets.length === b.targets.length &&
			a.targets.every((target, i) => sameTarget(target, b.targets[i] as ServiceTarget)))
	);
}

function sameTarget(a: ServiceTarget, b: ServiceTarget): boolean {
	return (
		a === b ||
		(a.target.text === b.target.text &&
			a.priority === b.priority &&
			a.weight === b.weight &&
			a.health === b.health &&
			sameValue(a.locality, b.locality) &&
			sameValue(a.metadata, b.metadata) &&
			sameSafeguards(a, b))
	);
}

function sameSafeguards(a: WrittenSafeguards, b: WrittenSafeguards): boolean {
	return sameValue(a.guard, b.guard) && sameValue(a.onFailure, b.onFailure);
}

/** As sameDefinition, for services without targets: where and when their endpoints came from does not count. */
export function sameOwnService(a: ServiceDefinition, b: ServiceDefinition): boolean {
	return (
		sameDefinition({ ...a, endpoints: [] }, { ...b, endpoints: [] }) &&
		sameEndpoints(a.endpoints ?? [], b.endpoints ?? [])
	);
}

/** What is said of a service beside where its endpoints are found. */
export type ServiceSettings = Omit<ServiceDefinition, "name" | "targets" | "endpoints" | "compare">;

/** A whole registry, each service of which becomes one here. */
export interface DiscoverEntry {
	/** What stands for all of them. */
	readonly target: Target;
	/** The template of their names, as in name-template.ts. */
	readonly name: string;
	/** What is said of each of them. */
	readonly settings: ServiceSettings;
}
