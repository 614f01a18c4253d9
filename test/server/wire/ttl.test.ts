import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Cache } from "../../../src/cache/cache.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import { Heartbeats } from "../../../src/server/transport/heartbeats.js";
import { entryWithTtl, heartbeatEntry } from "../../../src/server/wire/ttl.js";
import { XdsServer } from "../../../src/server/xds-server.js";
import { serviceState } from "../../catalog/fake-provider.js";
import { decodeMessage } from "../../resources/decode.js";
import { GrpcStream } from "../grpc-stream.js";
import { resourceOf } from "../protocol/transcripts/content.js";

const XDS = ["xds.config.supports-resource-in-sotw", "xds.config.supports-resource-ttl"];

describe("R26: a time to live", () => {
	it("stands in an entry as other codecs read it", () => {
		const resource = resourceOf(resourceType("cds"), "a", "1");
		const delta = decodeMessage(
			"envoy.service.discovery.v3.DeltaDiscoveryResponse",
			Buffer.concat([
				entryWithTtl("delta", resource, 1_500),
				heartbeatEntry("b", "v", 300_000),
				heartbeatEntry("c", "w", 0),
			]),
		);
		const plain = { name: "a", version: resource.version };
		expect(delta.resources).toMatchObject([
			{ ...plain, ttl: { seconds: 1, nanos: 500_000_000 }, resource: { type_url: resourceType("cds").url } },
			{ name: "b", version: "v", ttl: { seconds: 300 } },
			{ name: "c", version: "w" },
		]);
		const sotw = decodeMessage("envoy.service.discovery.v3.DiscoveryResponse", entryWithTtl("sotw", resource, 60_000));
		const [any] = sotw.resources as { type_url: string; value: Uint8Array }[];
		expect(any?.type_url).toBe("type.googleapis.com/envoy.service.discovery.v3.Resource");
		expect(decodeMessage("envoy.service.discovery.v3.Resource", any?.value ?? new Uint8Array())).toMatchObject({
			...plain,
			ttl: { seconds: 60 },
			resource: { type_url: resourceType("cds").url },
		});
	});
});

it("R26: heartbeats go to the clients that know them, and to no gRPC client (G7)", async () => {
	const state: ServiceState = serviceState("a");
	const cache = new Cache({ get: () => state, services: () => [state] });
	const server = new XdsServer(cache, {}, { ttl: 60 });
	const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
	try {
		const { url } = resourceType("cds");
		const method = "discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";
		using envoy = new GrpcStream(port, method);
		using silent = new GrpcStream(port, method);
		using grpc = new GrpcStream(port, method);
		envoy.send(url, ["a"], { node: { id: "e", userAgentName: "envoy", clientFeatures: XDS } });
		silent.send(url, ["a"], { node: { id: "s", userAgentName: "envoy" } });
		grpc.send(url, ["a"], { node: { id: "g", userAgentName: "gRPC Go", clientFeatures: XDS } });
		for (const stream of [silent, grpc]) await stream.received(1);
		await envoy.received(5);
		expect(silent.responses).toMatchObject([{ names: ["a"] }]);
		expect(grpc.responses).toMatchObject([{ names: ["a"] }]);
	} finally {
		await server.stop(1_000);
	}
});

describe("heartbeats", () => {
	beforeEach(() => {
		vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	it("come three times in a life, until they are stopped", () => {
		const beats: boolean[] = [];
		const heartbeats = new Heartbeats(30_000, (late) => beats.push(late));
		heartbeats.start();
		vi.advanceTimersByTime(30_000);
		expect(beats).toEqual([false, false, false]);
		heartbeats.stop();
		vi.advanceTimersByTime(60_000);
		expect(beats).toHaveLength(3);
		expect(vi.getTimerCount()).toBe(0);
	});

	it("are late after the process stood still", () => {
		const beats: boolean[] = [];
		const heartbeats = new Heartbeats(30_000, (late) => beats.push(late));
		heartbeats.start();
		vi.advanceTimersByTime(10_000);
		const now = performance.now();
		vi.spyOn(performance, "now").mockReturnValue(now + 25_000);
		vi.advanceTimersByTime(10_000);
		expect(beats).toEqual([false, true]);
		heartbeats.stop();
	});
});
