import { ApiConfigSource_ApiType, ApiVersion, ConfigSource } from "../../gen/envoy/config/core/v3/config_source.js";
import { durationOf } from "../duration-of.js";

/** The stream that the client already has. */
export const ADS: ConfigSource = ConfigSource.fromPartial({ ads: {}, resourceApiVersion: ApiVersion.V3 });

/** Milliseconds; Envoy's own grow to 30 s. */
const RECONNECT_MS = { base: 250, max: 2_000 };

/**
 * By a gRPC stream of its own, for an Envoy without ADS: it takes neither `ads` nor `self` from a cluster that came by
 * the service of a single type (1.36 to 1.40).
 * @param cluster the static cluster in Envoy's own config by which it reaches Fingerpost.
 */
export function grpcSource(cluster: string, mode: "sotw" | "delta"): ConfigSource {
	const retryBackOff = { baseInterval: durationOf(RECONNECT_MS.base), maxInterval: durationOf(RECONNECT_MS.max) };
	return ConfigSource.fromPartial({
		apiConfigSource: {
			apiType: mode === "sotw" ? ApiConfigSource_ApiType.GRPC : ApiConfigSource_ApiType.DELTA_GRPC,
			transportApiVersion: ApiVersion.V3,
			setNodeOnFirstMessageOnly: true,
			grpcServices: [{ envoyGrpc: { clusterName: cluster, retryPolicy: { retryBackOff } } }],
		},
		resourceApiVersion: ApiVersion.V3,
	});
}

/** After this Envoy counts a poll as failed: its own default. */
const REQUEST_TIMEOUT_MS = 1_000;

/**
 * Polling, for clients that have no stream (R39).
 * @param cluster the static cluster of Envoy's bootstrap that leads to Fingerpost's REST port.
 * @param refreshDelay milliseconds between two polls.
 */
export function restSource(cluster: string, refreshDelay: number): ConfigSource {
	return ConfigSource.fromPartial({
		apiConfigSource: {
			apiType: ApiConfigSource_ApiType.REST,
			transportApiVersion: ApiVersion.V3,
			clusterNames: [cluster],
			refreshDelay: durationOf(refreshDelay),
			requestTimeout: durationOf(REQUEST_TIMEOUT_MS),
		},
		resourceApiVersion: ApiVersion.V3,
	});
}

/** The file that has an Envoy's secret; it follows it. */
export function secretFile(path: string): ConfigSource {
	return ConfigSource.fromPartial({ pathConfigSource: { path }, resourceApiVersion: ApiVersion.V3 });
}

/** Where an Envoy asks for its own secrets. @param cluster the one that leads there, in Envoy's own config. */
export function secretSource(cluster: string): ConfigSource {
	return ConfigSource.fromPartial({
		apiConfigSource: {
			apiType: ApiConfigSource_ApiType.GRPC,
			transportApiVersion: ApiVersion.V3,
			grpcServices: [{ envoyGrpc: { clusterName: cluster } }],
		},
		resourceApiVersion: ApiVersion.V3,
	});
}
