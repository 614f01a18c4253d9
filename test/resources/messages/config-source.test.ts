import { describe, expect, it } from "vitest";
import {
	ApiConfigSource_ApiType,
	ApiVersion,
	ConfigSource,
} from "../../../src/gen/envoy/config/core/v3/config_source.js";
import { ADS, grpcSource, restSource } from "../../../src/resources/messages/config-source.js";

/** What a client reads of it. */
const read = (source: ConfigSource) => ConfigSource.decode(ConfigSource.encode(source).finish());

describe("where a client asks for resources", () => {
	it("is the stream that it has", () => {
		expect(read(ADS)).toMatchObject({ ads: {}, apiConfigSource: undefined, resourceApiVersion: ApiVersion.V3 });
	});

	it.each([
		["sotw", ApiConfigSource_ApiType.GRPC],
		["delta", ApiConfigSource_ApiType.DELTA_GRPC],
	] as const)("is a stream of its own, in %s, that is tried again after 250 ms to 2 s", (mode, apiType) => {
		const { apiConfigSource, resourceApiVersion } = read(grpcSource("fingerpost", mode));
		const baseInterval = { seconds: 0, nanos: 250_000_000 };
		const retryBackOff = { baseInterval, maxInterval: { seconds: 2, nanos: 0 } };
		expect(resourceApiVersion).toBe(ApiVersion.V3);
		expect(apiConfigSource).toMatchObject({
			...{ apiType, transportApiVersion: ApiVersion.V3, setNodeOnFirstMessageOnly: true },
			grpcServices: [{ envoyGrpc: { clusterName: "fingerpost", retryPolicy: { retryBackOff } } }],
		});
	});

	it("is polled, with a second for each answer", () => {
		const { apiConfigSource, resourceApiVersion } = read(restSource("fingerpost-rest", 1_500));
		expect(resourceApiVersion).toBe(ApiVersion.V3);
		expect(apiConfigSource).toMatchObject({
			...{ apiType: ApiConfigSource_ApiType.REST, transportApiVersion: ApiVersion.V3 },
			clusterNames: ["fingerpost-rest"],
			refreshDelay: { seconds: 1, nanos: 500_000_000 },
			requestTimeout: { seconds: 1, nanos: 0 },
		});
	});
});
