import { Duration } from "../../gen/google/protobuf/duration.js";
import { ANY, RESOURCE, RESPONSE } from "../../resources/discovery-fields.js";
import { durationOf } from "../../resources/duration-of.js";
import type { EncodedResource } from "../../resources/encoded-resource.js";
import { type Field, joinFields, Message } from "../../resources/join-fields.js";
import type { Mode } from "./mode.js";

const RESOURCE_URL = "type.googleapis.com/envoy.service.discovery.v3.Resource";

/** The resource as an entry of `resources`, with its tag and length. @param ttl milliseconds. */
export function entryWithTtl(mode: Mode, encoded: EncodedResource, ttl: number): Uint8Array {
	const resource = new Message([
		[RESOURCE.version, encoded.version],
		[RESOURCE.resource, encoded.toAny()],
		[RESOURCE.name, encoded.name],
		ttlField(ttl),
	]);
	if (mode === "delta") return joinFields([[RESPONSE.resources, resource]]);
	const wrapped = new Message([
		[ANY.typeUrl, RESOURCE_URL],
		[ANY.value, resource],
	]);
	return joinFields([[RESPONSE.resources, wrapped]]);
}

/**
 * Delta: an entry without a body renews the life of that version.
 * @param ttl milliseconds; 0 is for ever.
 */
export function heartbeatEntry(name: string, version: string, ttl: number): Uint8Array {
	const life = ttl > 0 ? [ttlField(ttl)] : [];
	const resource = new Message([[RESOURCE.version, version], [RESOURCE.name, name], ...life]);
	return joinFields([[RESPONSE.resources, resource]]);
}

/** The one that was made last: mostly there is only one. */
let last: { readonly ttl: number; readonly field: Field } | undefined;

function ttlField(ttl: number): Field {
	if (last?.ttl !== ttl) last = { ttl, field: [RESOURCE.ttl, Duration.encode(durationOf(ttl)).finish()] };
	return last.field;
}
