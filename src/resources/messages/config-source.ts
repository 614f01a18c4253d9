import { ApiConfigSource_ApiType, ApiVersion, ConfigSource } from "../../gen/envoy/config/core/v3/config_source.js";
import { durationOf } from "./duration-of.js";

/** The stream that the client already has. */
export const ADS: ConfigSource = ConfigSource.fromPartial({ ads: {}, resourceApiVersion: ApiVersion.V3 });

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
