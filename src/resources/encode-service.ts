import type { ConfigSource } from "../gen/envoy/config/core/v3/config_source.js";
import type { Endpoint } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";
import { encodeCluster } from "./cluster.js";
import { ADS } from "./config-source.js";
import { encodeAssignment } from "./encode-assignment.js";
import { EncodedResource } from "./encoded-resource.js";
import { ENVOY_STYLE, envoyLocalities } from "./envoy-assignment.js";
import { GRPC_STYLE, grpcLocalities } from "./grpc-assignment.js";
import { encodeListener } from "./listener.js";
import type { ResourceType } from "./resource-type.js";
import { encodeRoute } from "./route.js";
import type { View } from "./view.js";

/**
 * What a service becomes for the clients of a view.
 * @param endpoints in canonical order, each address once.
 * @param source where a client that gets this resource finds those that it leads to.
 */
export function encodeService(
	type: ResourceType,
	view: View,
	service: ServiceDefinition,
	endpoints: readonly Endpoint[],
	source: ConfigSource = ADS,
): EncodedResource {
	return new EncodedResource(type.url, service.name, encode(type, view, service, endpoints, source));
}

function encode(
	type: ResourceType,
	view: View,
	service: ServiceDefinition,
	endpoints: readonly Endpoint[],
	source: ConfigSource,
): Uint8Array {
	switch (type.id) {
		case "cds":
			return encodeCluster(service, view, source);
		case "eds":
			return view === "grpc"
				? encodeAssignment(service.name, grpcLocalities(endpoints), GRPC_STYLE)
				: encodeAssignment(service.name, envoyLocalities(endpoints), ENVOY_STYLE);
		case "lds":
			return encodeListener(service.name, source);
		case "rds":
			return encodeRoute(service.name);
	}
}
