import { Cache, type ServiceSource } from "../cache/cache.js";
import { encodeServiceInSteps } from "../resources/encode-service.js";
import { grpcSource } from "../resources/messages/config-source.js";
import type { PerTypeCaches } from "../server/transport/stream-context.js";

/**
 * What differs for Envoys without ADS: clusters and listeners lead on to the services of the single types, in the variant
 * in which they were asked for. Without such Envoys they hold nothing.
 * @param cluster the static cluster in Envoy's own config by which it reaches the gRPC port.
 */
export function perTypeCaches(services: ServiceSource, cluster: string): PerTypeCaches {
	const cacheOf = (mode: "sotw" | "delta") => {
		const source = grpcSource(cluster, mode);
		return new Cache(services, (type, view, service, endpoints) =>
			encodeServiceInSteps(type, view, service, endpoints, { source }),
		);
	};
	return { sotw: cacheOf("sotw"), delta: cacheOf("delta") };
}
