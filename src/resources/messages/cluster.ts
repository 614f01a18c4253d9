import { Cluster, Cluster_DiscoveryType } from "../../gen/envoy/config/cluster/v3/cluster.js";
import type { ConfigSource } from "../../gen/envoy/config/core/v3/config_source.js";
import { HttpProtocolOptions } from "../../gen/envoy/extensions/upstreams/http/v3/http_protocol_options.js";
import type { ServiceDefinition } from "../../model/service.js";
import { effectiveTls } from "../../model/traffic/upstream-tls.js";
import { durationOf } from "../duration-of.js";
import { mergeOverlay } from "../overlay/merge-overlay.js";
import { envoyClusterPolicies, grpcClusterPolicies } from "../policies/cluster-policies.js";
import { familyOfView, knowsTls, type View } from "../view.js";
import { gcpAudience } from "./gcp-authn.js";
import { transportSocket } from "./transport-socket.js";

type ClusterParts = Parameters<typeof Cluster.fromPartial>[0];

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
	const { name, policies } = service;
	// Some clients look for the endpoints by this name alone.
	const own = { name, type: Cluster_DiscoveryType.EDS, edsClusterConfig: { edsConfig, serviceName: name } };
	const socket = transportSocket(service, view);
	const common = { ...(socket && { transportSocket: socket }), ...gcpAudience(policies) };
	if (familyOfView(view) === "grpc")
		return encode({ ...own, ...common, ...(policies && grpcClusterPolicies(policies)) });
	const rest = { ...common, ...envoyCluster(service) };
	const overlay = policies?.envoy?.cluster;
	if (!overlay) return encode({ ...own, ...rest });
	return Buffer.concat([encode(own), mergeOverlay("cluster", overlay, encode(rest))]);
}

function envoyCluster(service: ServiceDefinition): ClusterParts {
	const { commonLbConfig, ...policies } = envoyClusterPolicies(withoutOverridden(service));
	return {
		connectTimeout: durationOf(service.connectTimeout),
		// In panic Envoy sends traffic to endpoints that are known to be bad. Before 1.40 the merge window holds a health
		// change back for up to a second.
		commonLbConfig: {
			healthyPanicThreshold: { value: 0 },
			updateMergeWindow: durationOf(0),
			...commonLbConfig,
		},
		typedExtensionProtocolOptions: service.protocol === "http1" ? {} : HTTP2_UPSTREAM,
		...policies,
	};
}

/** An Envoy takes a policy of an overlay only without what else says how endpoints are chosen. */
function withoutOverridden(service: ServiceDefinition): ServiceDefinition {
	const { policies } = service;
	if (!policies?.envoy?.cluster?.loadBalancingPolicy) return service;
	return { ...service, policies: { ...policies, loadBalancing: undefined, subsets: undefined } };
}

function encode(parts: ClusterParts): Uint8Array {
	return Cluster.encode(Cluster.fromPartial(parts)).finish();
}

/** Why clients of the view do not get the cluster: they would connect in clear to endpoints that want TLS. */
export function clusterWithheld(service: ServiceDefinition, view: View): string | undefined {
	if (knowsTls(view) || !effectiveTls(service)) return undefined;
	return "its endpoints want TLS, and these clients have no certificate providers; give them what fingerpost bootstrap grpc prints";
}
