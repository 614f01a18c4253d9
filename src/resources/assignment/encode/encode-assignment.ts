import { HealthStatus } from "../../../gen/envoy/config/core/v3/health_check.js";
import { compareText, type Endpoint, type Health, type OtherAddress } from "../../../model/endpoint.js";
import { differenceOf } from "../../../model/list-difference.js";
import type { Metadata, MetadataValue } from "../../../model/metadata.js";
import { atOnce, type Steps } from "../../../util/steps.js";
import { type AssignedLocality, timesWeight } from "./assigned-locality.js";
import {
	ADDITIONAL_ADDRESS,
	ADDRESS,
	ANY,
	ASSIGNMENT,
	ENDPOINT,
	LB_ENDPOINT,
	LOCALITY,
	LOCALITY_ENDPOINTS,
	MAP_ENTRY,
	METADATA,
	SOCKET_ADDRESS,
	STRUCT,
	UINT32_VALUE,
} from "./assignment-fields.js";
import { BackwardWriter } from "./backward-writer.js";
import { bytesOf, type EncodedEndpoints, KeptEndpoints, type KnownAssignment } from "./kept-endpoints.js";
import { writeMetadataValue } from "./metadata-value.js";

const HEALTH_STATUS: Readonly<Record<Health, HealthStatus>> = {
	unknown: HealthStatus.UNKNOWN,
	healthy: HealthStatus.HEALTHY,
	unhealthy: HealthStatus.UNHEALTHY,
	draining: HealthStatus.DRAINING,
	timeout: HealthStatus.TIMEOUT,
	degraded: HealthStatus.DEGRADED,
};

/** What clients of a view learn of an endpoint besides its address, hostname and weight. */
export interface EndpointStyle {
	readonly health: (e: Endpoint) => Health;
	/** What goes to `filter_metadata["envoy.lb"]`. */
	readonly metadata: (e: Endpoint) => Metadata | undefined;
	/** By which HTTP proxy it is connected to; by none unless given. */
	readonly proxy?: ((e: Endpoint) => OtherAddress | undefined) | undefined;
	/** Of endpoints that have none; none unless given. */
	readonly hostname?: string | undefined;
}

/** Endpoints that are written in one step. */
const STEP = 1_024;

/** Bytes that most endpoints take. */
const USUAL_BYTES = 48;

const NONE: EncodedEndpoints = { endpoints: [], bytes: new Uint8Array() };

/**
 * A ClusterLoadAssignment, byte for byte as its generated codec writes it, in a fifth of the time. With ten thousand
 * endpoints that is most of what a change costs.
 * @param known the previous assignment: the bytes of endpoints that are the very same objects are copied from it.
 */
export function encodeAssignment(
	name: string,
	localities: readonly AssignedLocality[],
	style: EndpointStyle,
	known?: KnownAssignment,
): Uint8Array {
	return atOnce(assignmentInSteps(name, localities, style, known));
}

/** As encodeAssignment(), for many endpoints. */
export function* assignmentInSteps(
	name: string,
	localities: readonly AssignedLocality[],
	style: EndpointStyle,
	known?: KnownAssignment,
): Steps<Uint8Array> {
	const count = localities.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
	const to = new BackwardWriter(256 + name.length + (known ? known.value.length : count * USUAL_BYTES));
	const kept = known && new KeptEndpoints(known);
	for (const locality of localities.toReversed()) {
		const { endpoints, priority, weight } = locality;
		const start = to.length;
		if (priority !== 0) to.number(LOCALITY_ENDPOINTS.priority, priority);
		writeWrapped(to, LOCALITY_ENDPOINTS.weight, weight);
		const before = kept?.of(locality) ?? NONE;
		const { start: from, endBefore, endAfter } = differenceOf(before.endpoints, endpoints);
		const first = bytesOf(before.bytes, from);
		const between = bytesOf(before.bytes.subarray(first), endBefore - from);
		to.fields(before.bytes.subarray(first + between));
		for (let i = endAfter - 1; i >= from; i--) {
			if (i % STEP === STEP - 1) yield;
			writeEndpoint(to, endpoints[i] as Endpoint, style, locality);
		}
		to.fields(before.bytes.subarray(0, first));
		writeLocality(to, locality, start);
	}
	to.text(ASSIGNMENT.clusterName, name);
	return to.finish();
}

/** The locality itself, before its endpoints, and the field that holds both. @param start where that ends. */
function writeLocality(to: BackwardWriter, { locality }: AssignedLocality, start: number): void {
	const place = to.length;
	to.text(LOCALITY.subZone, locality.subZone);
	to.text(LOCALITY.zone, locality.zone);
	to.text(LOCALITY.region, locality.region);
	to.message(LOCALITY_ENDPOINTS.locality, place);
	to.message(ASSIGNMENT.endpoints, start);
}

/** An LbEndpoint of a locality. */
function writeEndpoint(
	to: BackwardWriter,
	e: Endpoint,
	style: EndpointStyle,
	{ endpointWeight, times }: AssignedLocality,
): void {
	const { health } = style;
	const { hostname = style.hostname } = e;
	const start = to.length;
	writeWrapped(to, LB_ENDPOINT.weight, endpointWeight ?? timesWeight(e.weight, times));
	writeMetadata(to, style.metadata(e), style.proxy?.(e));
	const status = HEALTH_STATUS[health(e)];
	if (status !== 0) to.number(LB_ENDPOINT.health, status);
	const endpoint = to.length;
	if (e.additionalAddresses) {
		for (const other of e.additionalAddresses.toReversed()) {
			const additional = to.length;
			writeAddress(to, ADDITIONAL_ADDRESS.address, other);
			to.message(ENDPOINT.additionalAddresses, additional);
		}
	}
	if (hostname !== undefined) to.text(ENDPOINT.hostname, hostname);
	writeAddress(to, ENDPOINT.address, e);
	to.message(LB_ENDPOINT.endpoint, endpoint);
	to.message(LOCALITY_ENDPOINTS.endpoints, start);
}

function writeAddress(to: BackwardWriter, field: number, { address, port }: OtherAddress): void {
	const start = to.length;
	to.number(SOCKET_ADDRESS.port, port);
	to.text(SOCKET_ADDRESS.address, address);
	to.message(ADDRESS.socketAddress, start);
	to.message(field, start);
}

/** Where Envoy and gRPC clients look for the proxy of an endpoint (gRFC A86). */
const PROXY_KEY = "envoy.http11_proxy_transport_socket.proxy_address";
const ADDRESS_TYPE = "type.googleapis.com/envoy.config.core.v3.Address";

/** The metadata, where Envoy's subset load balancer looks for them, and the proxy. */
function writeMetadata(to: BackwardWriter, metadata: Metadata = {}, proxy?: OtherAddress): void {
	const keys = Object.keys(metadata);
	if (keys.length === 0 && !proxy) return;
	const end = to.length;
	if (proxy) writeProxy(to, proxy);
	if (keys.length > 0) writeFilterMetadata(to, metadata, keys);
	to.message(LB_ENDPOINT.metadata, end);
}

function writeProxy(to: BackwardWriter, proxy: OtherAddress): void {
	const entry = to.length;
	writeAddress(to, ANY.value, proxy);
	to.text(ANY.typeUrl, ADDRESS_TYPE);
	to.message(MAP_ENTRY.value, entry);
	to.text(MAP_ENTRY.key, PROXY_KEY);
	to.message(METADATA.typed, entry);
}

/** Keys sorted. */
function writeFilterMetadata(to: BackwardWriter, metadata: Metadata, keys: string[]): void {
	if (keys.length > 1) keys.sort(compareText);
	const end = to.length;
	for (let i = keys.length - 1; i >= 0; i--) {
		const key = keys[i] as string;
		const field = to.length;
		writeMetadataValue(to, MAP_ENTRY.value, metadata[key] as MetadataValue);
		to.text(MAP_ENTRY.key, key);
		to.message(STRUCT.fields, field);
	}
	to.message(MAP_ENTRY.value, end);
	to.text(MAP_ENTRY.key, "envoy.lb");
	to.message(METADATA.filters, end);
}

/** A UInt32Value. */
function writeWrapped(to: BackwardWriter, field: number, value: number): void {
	const start = to.length;
	if (value !== 0) to.number(UINT32_VALUE.value, value);
	to.message(field, start);
}
