import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";
import { encodeService } from "../../src/resources/encode-service.js";
import type { EncodedResource } from "../../src/resources/encoded-resource.js";
import type { TypeId } from "../../src/resources/resource-type.js";
import { resourceType } from "../../src/resources/resource-types.js";

// Not the project's own codecs: an error of its encoding shows.
const deps = join(dirname(createRequire(import.meta.url).resolve("@grpc/grpc-js-xds/package.json")), "deps");
const protos = loadSync(
	[
		"envoy/service/discovery/v3/discovery.proto",
		...["cluster", "endpoint", "listener", "route"].map((name) => `envoy/config/${name}/v3/${name}.proto`),
		"envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto",
		"envoy/extensions/filters/http/router/v3/router.proto",
	],
	{
		keepCase: true,
		defaults: false,
		enums: String,
		longs: Number,
		includeDirs: ["envoy-api", "xds", "googleapis", "protoc-gen-validate"].map((name) => join(deps, name)),
	},
);

type Decoded = Readonly<Record<string, unknown>>;

interface Any {
	readonly type_url: string;
	readonly value: Uint8Array;
}

export interface AnyResource {
	readonly typeUrl: string;
	readonly name?: string;
	readonly version?: string;
	readonly message: Decoded;
}

/** The message of that full name. */
export function decodeMessage(name: string, bytes: Uint8Array): Decoded {
	return messageType(name).deserialize(Buffer.from(bytes)) as Decoded;
}

/** The numbers of a message's fields, by their names. */
export function fieldNumbers(name: string): Readonly<Record<string, number>> {
	const { field } = messageType(name).type as { readonly field: readonly { name: string; number: number }[] };
	return Object.fromEntries(field.map((each) => [each.name, each.number]));
}

/** Every Any in it that the protos know is replaced by `{"@type": …}` and its message. */
export function unpack(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(unpack);
	if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
	const { type_url, value: bytes } = value as Partial<Any>;
	if (typeof type_url === "string") {
		const name = type_url.replace("type.googleapis.com/", "");
		const content = bytes ?? new Uint8Array();
		if (!(name in protos)) return { "@type": type_url, bytes: Buffer.from(content).toString("hex") };
		return { "@type": type_url, ...(unpack(decodeMessage(name, content)) as object) };
	}
	return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unpack(each)]));
}

/** What a SotW client reads: the encoded resource as the only one of a response. */
export function decodeSotw(resource: EncodedResource): Decoded {
	const response = decodeMessage("envoy.service.discovery.v3.DiscoveryResponse", resource.sotw);
	const [any, ...more] = response.resources as unknown[];
	if (more.length > 0) throw new Error("more than one resource");
	return unpack(any) as Decoded;
}

/** What a delta client reads. */
export function decodeDelta(resource: EncodedResource): Decoded {
	const response = decodeMessage("envoy.service.discovery.v3.DeltaDiscoveryResponse", resource.delta);
	const [each, ...more] = response.resources as unknown[];
	if (more.length > 0) throw new Error("more than one resource");
	return unpack(each) as Decoded;
}

/** A service's resource as a SotW client reads it. */
export function decodeService(
	type: TypeId,
	view: Parameters<typeof encodeService>[1],
	definition: Parameters<typeof encodeService>[2],
	endpoints: Parameters<typeof encodeService>[3] = [],
): Decoded {
	return decodeSotw(encodeService(resourceType(type), view, definition, endpoints));
}

export interface DecodedLocality {
	readonly locality?: { readonly region?: string; readonly zone?: string; readonly sub_zone?: string };
	readonly priority?: number;
	readonly load_balancing_weight?: { readonly value?: number };
	readonly lb_endpoints: readonly {
		readonly endpoint: {
			readonly address: { readonly socket_address: { readonly address: string; readonly port_value: number } };
			readonly hostname?: string;
		};
		readonly health_status?: string;
		readonly load_balancing_weight?: { readonly value?: number };
		readonly metadata?: unknown;
	}[];
}

function messageType(name: string): MessageTypeDefinition<object, object> {
	const type = protos[name] as MessageTypeDefinition<object, object> | undefined;
	if (!type || !("deserialize" in type)) throw new Error(`no message ${name}`);
	return type;
}
