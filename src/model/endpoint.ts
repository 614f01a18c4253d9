import { isIPv6 } from "node:net";
import { type Locality, NO_LOCALITY, sameLocality } from "./locality.js";
import { type Metadata, sameMetadata } from "./metadata.js";

export const HEALTHS = ["healthy", "unknown", "unhealthy", "draining", "degraded", "timeout"] as const;

/** Envoy's health states. `healthy` and `unknown` get traffic; `degraded` only while none of these is left. */
export type Health = (typeof HEALTHS)[number];

/** A full share of a service's traffic. */
export const DEFAULT_WEIGHT = 100;
export const MAX_WEIGHT = 65_535;
/** The lowest priority that xDS allows; 0 is the highest. */
export const MAX_PRIORITY = 128;

/**
 * Where an endpoint came from, as it was when the endpoint last changed. It is no part of the endpoint's identity: equal
 * endpoints may differ in it.
 */
export interface Origin {
	/** The target as it stands in the config, `inline` for endpoints written out in it. */
	readonly target: string;
	/** The source's own object: a file's path, an EndpointSlice's name, a DNS record. */
	readonly object?: string;
	/** The source's own version of that object. */
	readonly revision?: string;
	/** When the source says it changed, else when the change was seen. */
	readonly at?: Date;
}

/** A second address of an endpoint, as where a pod has one of each family: an IP literal, without brackets. */
export interface OtherAddress {
	readonly address: string;
	/** 1–65535. */
	readonly port: number;
}

/** What the targets with weights share: the traffic of their priority. */
export interface TargetShare {
	/** The target's text. */
	readonly target: string;
	/** The target's part of the traffic, however many endpoints it has: above 0, 1 for all of it. */
	readonly part: number;
}

export interface Endpoint {
	/** An IPv4 or IPv6 literal, without brackets; from a provider also a host name, which the catalog resolves by DNS. */
	readonly address: string;
	/** 1–65535. */
	readonly port: number;
	readonly health: Health;
	/** 0–65535, relative within the service; 100 is a full share, 0 no traffic. */
	readonly weight: number;
	/** 0 (used first) to 128. */
	readonly priority: number;
	readonly locality: Locality;
	readonly hostname?: string;
	/** Other addresses that lead to the same endpoint, tried in this order where the first does not answer. */
	readonly additionalAddresses?: readonly OtherAddress[];
	/** Goes to `filter_metadata["envoy.lb"]`. */
	readonly metadata?: Metadata;
	readonly origin?: Origin;
	/** Present where the targets of the service have weights; the catalog fills it in. */
	readonly targetShare?: TargetShare;
}

/** An endpoint from the parts given; the others get their defaults: health `unknown`, weight 100, priority 0. */
export function endpoint(parts: Pick<Endpoint, "address" | "port"> & Partial<Endpoint>): Endpoint {
	return { health: "unknown", weight: DEFAULT_WEIGHT, priority: 0, locality: NO_LOCALITY, ...parts };
}

/** `127.0.0.1:80`, `[::1]:80`. An endpoint is known by it: it occurs at most once in a service. */
export function addressOf(e: Pick<Endpoint, "address" | "port">): string {
	// Without a colon it is none of IPv6, which is costly to recognize.
	const bracketed = String(e.address).includes(":") && isIPv6(e.address);
	return bracketed ? `[${e.address}]:${e.port}` : `${e.address}:${e.port}`;
}

/** The canonical order: priority, locality, address, port. */
export function compareEndpoints(a: Endpoint, b: Endpoint): number {
	return (
		a.priority - b.priority ||
		compareLocalities(a.locality, b.locality) ||
		compareText(a.address, b.address) ||
		a.port - b.port
	);
}

/** By code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

function compareLocalities(a: Locality, b: Locality): number {
	if (a === b) return 0;
	return compareText(a.region, b.region) || compareText(a.zone, b.zone) || compareText(a.subZone, b.subZone);
}

/** Whether clients could tell the two apart; the origin does not count. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
	return (
		a === b ||
		(a.address === b.address &&
			a.port === b.port &&
			a.health === b.health &&
			a.weight === b.weight &&
			a.priority === b.priority &&
			a.hostname === b.hostname &&
			sameLocality(a.locality, b.locality) &&
			sameMetadata(a.metadata, b.metadata) &&
			sameAddresses(a.additionalAddresses, b.additionalAddresses) &&
			sameShare(a.targetShare, b.targetShare))
	);
}

/** Whether both lists hold the same endpoints in the same order. */
export function sameEndpoints(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
	return a === b || (a.length === b.length && a.every((e, i) => sameEndpoint(e, b[i] as Endpoint)));
}

function sameAddresses(a: Endpoint["additionalAddresses"], b: Endpoint["additionalAddresses"]): boolean {
	if (a === b) return true;
	return (
		a?.length === b?.length &&
		(a ?? []).every(({ address, port }, i) => address === b?.[i]?.address && port === b?.[i]?.port)
	);
}

function sameShare(a: TargetShare | undefined, b: TargetShare | undefined): boolean {
	return a === b || (a?.target === b?.target && a?.part === b?.part);
}

/** `http://address:port`, an IPv6 address in brackets. */
export function urlOf(e: Pick<Endpoint, "address" | "port">): string {
	return `http://${addressOf(e)}`;
}

/**
 * Whether the endpoint gets traffic whatever others there are: healthy or unknown, with a weight above 0. A degraded one
 * does so only while there is no such endpoint; see readyEndpoints.
 */
export function isReady(e: Pick<Endpoint, "health" | "weight">): boolean {
	return e.weight > 0 && (e.health === "healthy" || e.health === "unknown");
}

/** The endpoints that may get traffic: the ready ones, and only while there is none, the degraded ones with a weight. */
export function readyEndpoints<T extends Pick<Endpoint, "health" | "weight">>(all: readonly T[]): readonly T[] {
	const ready = all.filter(isReady);
	return ready.length > 0 ? ready : all.filter((e) => e.weight > 0 && e.health === "degraded");
}
