import { Cluster, Cluster_DiscoveryType } from "../../gen/envoy/config/cluster/v3/cluster.js";
import type { ConfigSource } from "../../gen/envoy/config/core/v3/config_source.js";
import { HttpProtocolOptions } from "../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options.js";
import type { ServiceDefinition } from "../../model/service.js";
import { effectiveTls } from "../../model/traffic/upstream-tls.js";
import { familyOfView, type View } from "../view.js";
import { durationOf } from "./duration-of.js";
import { tlsTransportSocket } from "./upstream-tls-context.js";

const HTTP_PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

const HTTP2_UPSTREAM = {
	[HTTP_PROTOCOL_OPTIONS]: {
		typeUrl: `type.googleapis.com/${HTTP_PROTOCOL_OPTIONS}`,
		value: HttpProtocolOptions.encode(
			HttpProtocolOptions.fromPartial({ explicitHttpConfig: { http2ProtocolOptions: {} } }),
		).finish(),
	},
};

/**
 * The Cluster of a service, whose endpoints come by EDS. gRPC clients get only what they read (G2).
 * @param edsConfig where the client asks for the endpoints.
 */
export function encodeCluster(service: ServiceDefinition, view: View, edsConfig: ConfigSource): Uint8Array {
	const tls = effectiveTls(service);
	const alpn = service.protocol === "http1" ? "http/1.1" : "h2";
	const common = {
		name: service.name,
		type: Cluster_DiscoveryType.EDS,
		// Some clients look for the endpoints by this name alone.
		edsClusterConfig: { edsConfig, serviceName: service.name },
		...(tls && { transportSocket: tlsTransportSocket(tls, familyOfView(view), [alpn]) }),
	};
	const envoy = {
		connectTimeout: durationOf(service.connectTimeout),
		// In panic Envoy sends traffic to endpoints that are known to be bad. Before 1.40 the merge window holds a health
		// change back for up to a second.
		commonLbConfig: { healthyPanicThreshold: { value: 0 }, updateMergeWindow: durationOf(0) },
		typedExtensionProtocolOptions: service.protocol === "http1" ? {} : HTTP2_UPSTREAM,
	};
	return Cluster.encode(Cluster.fromPartial(view === "envoy" ? { ...common, ...envoy } : common)).finish();
}

/** Why clients of the view do not get the cluster: they would connect in clear to endpoints that want TLS. */
export function clusterWithheld(service: ServiceDefinition, view: View): string | undefined {
	if (view !== "grpc" || !effectiveTls(service)) return undefined;
	return "its endpoints want TLS, and these clients have no certificate providers; give them what fingerpost bootstrap grpc prints";
}
