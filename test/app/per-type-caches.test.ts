import { expect, it } from "vitest";
import { perTypeCaches } from "../../src/app/per-type-caches.js";
import { Cluster } from "../../src/gen/envoy/config/cluster/v3/cluster.js";
import { ApiConfigSource_ApiType } from "../../src/gen/envoy/config/core/v3/config_source.js";
import { at, serviceState } from "../catalog/fake-provider.js";

const services = new Map([["web", serviceState("web", { endpoints: [at(1)] })]]);
const source = { get: (name: string) => services.get(name), services: () => services.values() };

it.each([
	["sotw", ApiConfigSource_ApiType.GRPC],
	["delta", ApiConfigSource_ApiType.DELTA_GRPC],
] as const)("a cluster for a %s stream without ADS leads to endpoints of the same variant", (mode, apiType) => {
	const cache = perTypeCaches(source, "my-xds")[mode];
	const { edsClusterConfig, type } = Cluster.decode(cache.acquire("cds", "envoy").get("web")?.value ?? Buffer.alloc(0));
	const eds = edsClusterConfig?.edsConfig;
	expect([type, eds?.ads, eds?.apiConfigSource?.apiType]).toEqual([3, undefined, apiType]);
	expect(eds?.apiConfigSource?.grpcServices.map(({ envoyGrpc }) => envoyGrpc?.clusterName)).toEqual(["my-xds"]);
});
