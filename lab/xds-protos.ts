import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadSync, type MessageTypeDefinition, type ServiceDefinition } from "@grpc/proto-loader";
import type { Mode } from "./envoy-bootstrap.js";

// The protos and codecs here are not those of the project: an error in its encoding shows.
const deps = join(dirname(createRequire(import.meta.url).resolve("@grpc/grpc-js-xds/package.json")), "deps");
const protos = loadSync(
	[
		"envoy/service/discovery/v3/ads.proto",
		...["cluster", "endpoint", "listener", "route"].flatMap((name) => [
			`envoy/service/${name}/v3/${{ cluster: "cds", endpoint: "eds", listener: "lds", route: "rds" }[name]}.proto`,
			`envoy/config/${name}/v3/${name}.proto`,
		]),
	],
	{
		keepCase: true,
		defaults: false,
		enums: String,
		longs: Number,
		includeDirs: ["envoy-api", "xds", "googleapis", "protoc-gen-validate"].map((name) => join(deps, name)),
	},
);

export const TYPE_URL = {
	cds: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
	eds: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
	lds: "type.googleapis.com/envoy.config.listener.v3.Listener",
	rds: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
} as const;

const METHODS = {
	ads: [
		"envoy.service.discovery.v3.AggregatedDiscoveryService",
		"StreamAggregatedResources",
		"DeltaAggregatedResources",
	],
	eds: ["envoy.service.endpoint.v3.EndpointDiscoveryService", "StreamEndpoints", "DeltaEndpoints"],
} as const;

/** A DiscoveryRequest or DeltaDiscoveryRequest, as its fields are called in the proto. */
export interface XdsRequest {
	readonly type_url?: string;
	readonly node?: { readonly id: string; readonly [field: string]: unknown };
	readonly response_nonce?: string;
	readonly error_detail?: { readonly code: number; readonly message: string };
	readonly version_info?: string;
	readonly resource_names?: readonly string[];
	readonly resource_names_subscribe?: readonly string[];
	readonly resource_names_unsubscribe?: readonly string[];
	readonly initial_resource_versions?: Readonly<Record<string, string>>;
}

export interface XdsResource {
	/** The resource's own name: `cluster_name` or `name`. */
	readonly name: string;
	/** Delta only. */
	readonly version: string;
	/** The message with the field names of the proto; defaults are left out. */
	readonly value: Readonly<Record<string, unknown>>;
}

export interface XdsResponse {
	readonly typeUrl: string;
	/** `version_info` or `system_version_info`. */
	readonly version: string;
	readonly nonce: string;
	readonly resources: readonly XdsResource[];
	/** Delta only. */
	readonly removed: readonly string[];
}

interface AnyMessage {
	readonly type_url: string;
	readonly value: Buffer;
}

interface RawResponse {
	type_url?: string;
	version_info?: string;
	system_version_info?: string;
	nonce?: string;
	resources?: (AnyMessage | { name?: string; version?: string; resource?: AnyMessage })[];
	removed_resources?: string[];
}

export type XdsService = keyof typeof METHODS;

/** A method of the protocol, with codecs of its own. */
export interface XdsMethod {
	readonly path: string;
	readonly encode: (request: XdsRequest) => Buffer;
	readonly decode: (bytes: Buffer) => XdsResponse;
}

export function xdsMethod(service: XdsService, mode: Mode): XdsMethod {
	const [name, sotw, delta] = METHODS[service];
	const method = (protos[name] as ServiceDefinition)[mode === "sotw" ? sotw : delta];
	if (!method) throw new Error(`${name} has no method for ${mode}`);
	return {
		path: method.path,
		encode: method.requestSerialize as (request: XdsRequest) => Buffer,
		decode: (bytes) => decode(bytes, method.responseDeserialize),
	};
}

function decode(bytes: Buffer, deserialize: (bytes: Buffer) => unknown): XdsResponse {
	const raw = deserialize(bytes) as RawResponse;
	return {
		typeUrl: raw.type_url ?? "",
		version: raw.version_info ?? raw.system_version_info ?? "",
		nonce: raw.nonce ?? "",
		removed: raw.removed_resources ?? [],
		resources: (raw.resources ?? []).map((item) => {
			if ("type_url" in item) {
				const value = decodeAny(item);
				return { name: nameOf(value), version: "", value };
			}
			const { name = "", version = "", resource } = item as { name?: string; version?: string; resource?: AnyMessage };
			return { name, version, value: resource ? decodeAny(resource) : {} };
		}),
	};
}

function decodeAny({ type_url, value }: AnyMessage): Record<string, unknown> {
	const type = protos[type_url.replace("type.googleapis.com/", "")] as
		| MessageTypeDefinition<object, object>
		| undefined;
	if (!type) throw new Error(`a resource of the unknown type ${type_url}`);
	return type.deserialize(value ?? Buffer.alloc(0)) as Record<string, unknown>;
}

function nameOf(value: Record<string, unknown>): string {
	return String(value.cluster_name ?? value.name ?? "");
}
