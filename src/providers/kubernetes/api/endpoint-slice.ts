import { SourceFailed } from "../../../util/errors.js";
import { namespacePath, type ObjectKind } from "./object-kind.js";

/** What is kept of an EndpointSlice (discovery.k8s.io/v1). */
export interface Slice {
	readonly namespace: string;
	readonly name: string;
	/** The Service that it belongs to; undefined for a slice of none. */
	readonly service: string | undefined;
	/** `IPv4`, `IPv6` or `FQDN`. */
	readonly addressType: string;
	readonly labels: Readonly<Record<string, string>>;
	/** Its resourceVersion: a decimal number as text, greater for what is newer. */
	readonly revision: string;
	/** When the pods or the Service changed, if the slice says so. */
	readonly changedAt: Date | undefined;
	/** When it was seen. */
	readonly seenAt: Date;
	readonly ports: readonly SlicePort[];
	readonly endpoints: readonly SliceEndpoint[];
}

export interface SlicePort {
	/** Empty for the only port of a Service. */
	readonly name: string;
	/** Undefined: every port. */
	readonly port: number | undefined;
	readonly protocol: string;
}

export interface SliceEndpoint {
	/** The first of the addresses: all lead to the same pod. */
	readonly address: string;
	readonly ready: boolean;
	readonly serving: boolean;
	readonly terminating: boolean;
	readonly hostname: string | undefined;
	readonly node: string | undefined;
	readonly zone: string | undefined;
	readonly zoneHints: readonly string[];
	readonly pod: string | undefined;
	/** Tells pods of one name apart, where the slice says it: one that was replaced has another. */
	readonly podId: string | undefined;
}

const SERVICE_NAME = "kubernetes.io/service-name";
const CHANGED_AT = "endpoints.kubernetes.io/last-change-trigger-time";

export const ENDPOINT_SLICES: ObjectKind<Slice> = {
	plural: "endpointslices.discovery.k8s.io",
	listKind: "EndpointSliceList",
	rights: "get, list and watch on endpointslices in the apiGroup discovery.k8s.io, as deploy/kubernetes/rbac.yaml does",
	path: (namespace) => `/apis/discovery.k8s.io/v1/${namespacePath(namespace)}endpointslices`,
	read: readSlice,
};

/**
 * Reads an EndpointSlice as the API server writes it.
 * @param within the namespace that was asked for; undefined for all.
 * @throws SourceFailed if it is none: an answer that is not understood must not empty a target.
 */
export function readSlice(value: unknown, seenAt: Date, within?: string): Slice {
	const { metadata, addressType, ports, endpoints } = object(value, "EndpointSlice");
	const { name, namespace, resourceVersion, labels, annotations } = object(metadata, "metadata");
	const texts = labels === undefined ? {} : (object(labels, "labels") as Record<string, string>);
	const service = texts[SERVICE_NAME];
	return {
		namespace: within ?? text(namespace, "metadata.namespace"),
		name: text(name, "metadata.name"),
		service: typeof service === "string" && service !== "" ? service : undefined,
		addressType: text(addressType, "addressType"),
		labels: texts,
		revision: text(resourceVersion, "metadata.resourceVersion"),
		changedAt: annotations === undefined ? undefined : dateOf(object(annotations, "annotations")[CHANGED_AT]),
		seenAt,
		ports: list(ports, "ports").map(readPort),
		endpoints: list(endpoints, "endpoints").map(readEndpoint),
	};
}

function readPort(value: unknown): SlicePort {
	const { name, port, protocol } = object(value, "ports");
	return {
		name: optionalText(name) ?? "",
		port: typeof port === "number" ? port : undefined,
		protocol: optionalText(protocol) ?? "TCP",
	};
}

function readEndpoint(value: unknown): SliceEndpoint {
	const { addresses, conditions, hostname, nodeName, zone, hints, targetRef } = object(value, "endpoints");
	const { ready, serving, terminating } = object(conditions ?? {}, "conditions");
	const { forZones } = object(hints ?? {}, "hints");
	const { name, uid } = object(targetRef ?? {}, "targetRef");
	return {
		address: text(list(addresses, "addresses")[0], "addresses"),
		// Nil means ready, serving, and not terminating (discovery/v1, EndpointConditions).
		ready: ready !== false,
		serving: serving !== false,
		terminating: terminating === true,
		hostname: optionalText(hostname),
		node: optionalText(nodeName),
		zone: optionalText(zone),
		zoneHints: list(forZones, "forZones").map((each) => text(object(each, "forZones").name, "forZones.name")),
		pod: optionalText(name),
		podId: optionalText(uid) ?? optionalText(name),
	};
}

export function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
	throw new SourceFailed(`the API server's answer is not understood: ${what} is not an object`);
}

/** Go writes an empty list as null, or leaves it out. */
function list(value: unknown, what: string): readonly unknown[] {
	if (value === undefined || value === null) return [];
	if (Array.isArray(value)) return value;
	throw new SourceFailed(`the API server's answer is not understood: ${what} is not a list`);
}

export function text(value: unknown, what: string): string {
	if (typeof value === "string" && value !== "") return value;
	throw new SourceFailed(`the API server's answer is not understood: ${what} is not a string`);
}

export function optionalText(value: unknown): string | undefined {
	return typeof value === "string" && value !== "" ? value : undefined;
}

function dateOf(value: unknown): Date | undefined {
	if (typeof value !== "string") return undefined;
	const date = new Date(value);
	return Number.isNaN(date.getTime()) ? undefined : date;
}
