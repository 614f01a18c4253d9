import { Duration } from "../../gen/google/protobuf/duration.js";
import type { EncodedResource } from "../../resources/encoded-resource.js";
import { type Field, joinFields, Message } from "../../resources/join-fields.js";
import { durationOf } from "../../resources/messages/duration-of.js";
import type { Mode } from "./mode.js";

const RESOURCE_URL = Buffer.from("type.googleapis.com/envoy.service.discovery.v3.Resource");
/** Field numbers of envoy/service/discovery/v3/discovery.proto. */
const RESOURCES = 2;
const RESOURCE = { version: 1, resource: 2, name: 3, ttl: 6 } as const;

/** The resource as an entry of a response's `resources`, tag and length included. @param ttl milliseconds. */
export function entryWithTtl(mode: Mode, encoded: EncodedResource, ttl: number): Uint8Array {
	const resource = new Message([
		[RESOURCE.version, Buffer.from(encoded.version)],
		[RESOURCE.resource, encoded.toAny()],
		[RESOURCE.name, Buffer.from(encoded.name)],
		ttlField(ttl),
	]);
	if (mode === "delta") return joinFields([[RESOURCES, resource]]);
	const wrapped = new Message([
		[1, RESOURCE_URL],
		[2, resource],
	]);
	return joinFields([[RESOURCES, wrapped]]);
}

/** Delta: an entry without a body, which lengthens the life of that version. @param ttl milliseconds; 0 is for ever. */
export function heartbeatEntry(name: string, version: string, ttl: number): Uint8Array {
	const life = ttl > 0 ? [ttlField(ttl)] : [];
	const resource = new Message([[RESOURCE.version, Buffer.from(version)], [RESOURCE.name, Buffer.from(name)], ...life]);
	return joinFields([[RESOURCES, resource]]);
}

function ttlField(ttl: number): Field {
	return [RESOURCE.ttl, Duration.encode(durationOf(ttl)).finish()];
}
