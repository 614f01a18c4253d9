import type { ConfigSource } from "../gen/envoy/config/core/v3/config_source.js";
import type { Endpoint } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";
import { encodeServiceAssignment, type KnownEncoding } from "./assignment/service-assignment.js";
import { EncodedResource } from "./encoded-resource.js";
import { encodeCluster } from "./messages/cluster.js";
import { ADS } from "./messages/config-source.js";
import { encodeListener } from "./messages/listener.js";
import { encodeRoute } from "./messages/route.js";
import type { ResourceType } from "./resource-type.js";
import type { View } from "./view.js";

export interface EncodeOptions {
	/** Where a client that gets this resource finds those that it leads to; on the same stream unless given. */
	readonly source?: ConfigSource;
	/** What the service became for clients of the view before: what is the same is copied from it. */
	readonly known?: KnownEncoding | undefined;
}

/**
 * What a service becomes for the clients of a view.
 * @param endpoints in canonical order, each address once.
 */
export function encodeService(
	type: ResourceType,
	view: View,
	service: ServiceDefinition,
	endpoints: readonly Endpoint[],
	options: EncodeOptions = {},
): EncodedResource {
	return new EncodedResource(type.url, service.name, encode(type, view, service, endpoints, options));
}

function encode(
	type: ResourceType,
	view: View,
	service: ServiceDefinition,
	endpoints: readonly Endpoint[],
	{ source = ADS, known }: EncodeOptions,
): Uint8Array {
	switch (type.id) {
		case "cds":
			return encodeCluster(service, view, source);
		case "eds":
			return encodeServiceAssignment(view, service.name, endpoints, known);
		case "lds":
			return encodeListener(service.name, source);
		case "rds":
			return encodeRoute(service.name);
	}
}
