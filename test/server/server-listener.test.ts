import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { Cache } from "../../src/cache/cache.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { XdsServer } from "../../src/server/xds-server.js";
import { service, serviceState } from "../catalog/fake-provider.js";
import { GrpcStream } from "./grpc-stream.js";

const METHODS = { sotw: "StreamAggregatedResources", delta: "DeltaAggregatedResources" };
const LDS = resourceType("lds").url;
const NAME = "grpc/server?xds.resource.listening_address=0.0.0.0:50051";
const OTHER = "grpc/server?xds.resource.listening_address=[::]:50052";

describe.each(["sotw", "delta"] as const)("the listeners of gRPC servers, %s", (mode) => {
	let services: Map<string, ServiceState>;
	let cache: Cache;
	let server: XdsServer;
	let port: number;

	function set(name: string, protocol: "http1" | "grpc"): void {
		services.set(name, serviceState(name, { definition: { ...service(name, []), protocol } }));
		cache.update([name], performance.now());
	}

	beforeEach(async () => {
		services = new Map();
		cache = new Cache({ get: (name) => services.get(name), services: () => services.values() });
		server = new XdsServer(cache);
		({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
	});
	afterEach(() => server.stop(1_000));

	const ads = () => new GrpcStream(port, `discovery.v3.AggregatedDiscoveryService/${METHODS[mode]}`);
	const grpc = { id: "server-1", userAgentName: "gRPC Go", userAgentVersion: "1.85.0" };

	it("are there for a gRPC client that asks for them", async () => {
		using stream = ads();
		stream.send(LDS, [NAME, OTHER], { node: grpc });
		const [first] = await stream.received(1);
		expect(first?.names.toSorted()).toEqual([NAME, OTHER].sort());
	});

	// Delta splits its responses.
	if (mode === "sotw")
		it("are no more than a server could listen on, in one set", async () => {
			set("web", "grpc");
			using stream = ads();
			const names = Array.from(
				{ length: 2_000 },
				(_, i) => `grpc/server?xds.resource.listening_address=0.0.0.0:${i + 1}`,
			);
			stream.send(LDS, [...names, "web"], { node: grpc });
			const [first] = await stream.received(1);
			expect(first?.names.filter((name) => !name.startsWith("-"))).toEqual([...names.slice(0, 1_024), "web"]);
			expect(cache.acquire("lds", "grpc").generated).toBe(1_024);
		});

	it("are in every set with the listeners of services (R22), and stay when those change", async () => {
		set("web", "grpc");
		using stream = ads();
		stream.send(LDS, [NAME, "web", "late"], { node: grpc });
		await stream.received(1);
		set("late", "grpc");
		const last = (await stream.received(2)).at(-1);
		if (mode === "sotw") expect(last?.names.toSorted()).toEqual([NAME, "late", "web"]);
		else expect(last?.names).toEqual(["late"]);
		services.delete("web");
		cache.update(["web"], performance.now());
		const removed = (await stream.received(3)).at(-1);
		expect(removed?.names).toEqual(mode === "sotw" ? [NAME, "late"] : ["-web"]);
	});

	it("are not there for an Envoy, nor for a wildcard", async () => {
		using envoy = ads();
		envoy.send(LDS, [NAME, "*"], { node: { id: "e", userAgentName: "envoy" } });
		expect((await envoy.received(1))[0]?.names).toEqual(mode === "sotw" ? [] : [`-${NAME}`]);
		using client = ads();
		client.send(LDS, ["*"], { node: grpc });
		expect((await client.received(1))[0]?.names).toEqual([]);
	});

	it("have versions of their content (R6): the same on every replica", () => {
		const replica = new Cache({ get: () => undefined, services: () => [] });
		const version = (of: Cache, name: string) => of.acquire("lds", "grpc").get(name)?.version;
		expect(version(cache, NAME)).toBe(version(replica, NAME));
		expect(version(cache, NAME)).not.toBe(version(cache, OTHER));
	});

	it("are forgotten when nobody subscribes to them any more", async () => {
		const held = cache.acquire("lds", "grpc");
		using stream = ads();
		const names = Array.from({ length: 100 }, (_, i) => `grpc/server?xds.resource.listening_address=10.0.0.1:${i + 1}`);
		stream.send(LDS, names, { node: grpc });
		await stream.received(1);
		expect(held.generated).toBe(100);
		stream.end();
		await waitUntil("the stream has ended", () => server.clients().length === 0);
		expect(held.generated).toBe(0);
		// What nobody subscribes to is made, but not kept.
		expect(held.get(names[0] as string)).toBeDefined();
		expect(held.generated).toBe(0);
		cache.release("lds", "grpc");
	});
});
