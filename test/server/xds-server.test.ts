import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { Cache } from "../../src/cache/cache.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import type { ServiceDefinition } from "../../src/model/service.js";
import type { TypeId } from "../../src/resources/resource-type.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { XdsServer } from "../../src/server/xds-server.js";
import { at, service, serviceState } from "../catalog/fake-provider.js";
import { GrpcStream } from "./grpc-stream.js";

const ADS = {
	sotw: "discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
	delta: "discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
};
const PER_TYPE: readonly (readonly [TypeId, { readonly sotw: string; readonly delta: string }])[] = [
	["cds", perType("cluster.v3.ClusterDiscoveryService", "Clusters")],
	["eds", perType("endpoint.v3.EndpointDiscoveryService", "Endpoints")],
	["lds", perType("listener.v3.ListenerDiscoveryService", "Listeners")],
	["rds", perType("route.v3.RouteDiscoveryService", "Routes")],
];

function perType(name: string, what: string) {
	return { sotw: `${name}/Stream${what}`, delta: `${name}/Delta${what}` };
}

const url = (type: TypeId) => resourceType(type).url;

describe.each(["sotw", "delta"] as const)("the gRPC server, %s", (mode) => {
	let services: Map<string, ServiceState>;
	let cache: Cache;
	let server: XdsServer;
	let port: number;
	let events: string[];

	function change(name: string, parts: Partial<ServiceDefinition> = {}): void {
		services.set(name, serviceState(name, { definition: { ...service(name, []), ...parts } }));
		cache.update([name], performance.now());
	}

	beforeEach(async () => {
		services = new Map();
		cache = new Cache({ get: (name) => services.get(name), services: () => services.values() });
		for (const name of ["a", "b"]) change(name);
		events = [];
		server = new XdsServer(cache, {
			connected: ({ node, family, userAgent }) => events.push(`connected ${node} ${family} ${userAgent}`.trim()),
			disconnected: ({ node }, error) => events.push(`disconnected ${node} ${error?.message ?? ""}`.trim()),
			nacked: (_, { id }, { error, first }) => events.push(`nacked ${id} ${error} ${first}`),
			acked: (_, { id }) => events.push(`acked ${id}`),
			unknownFamily: (_, said) => events.push(`unknown family ${said}`),
			unknownType: (_, typeUrl) => events.push(`unknown ${typeUrl}`),
		});
		({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
	});
	afterEach(() => server.stop(1_000));

	const ads = () => new GrpcStream(port, ADS[mode]);
	const seen = (event: string) =>
		waitUntil(`the event "${event}" is seen`, () => events.includes(event), { interval: 2 });

	it("R2: keeps the node of the first request", async () => {
		using stream = ads();
		const node = { id: "n1", userAgentName: "gRPC Go", userAgentVersion: "1.85.0" };
		stream.send(url("eds"), ["a"], { node });
		stream.send(url("cds"), ["a"], { node: { id: "someone else" } });
		stream.send(url("lds"), ["a"]);
		await stream.received(3);
		expect(events).toEqual(["connected n1 grpc gRPC Go 1.85.0"]);
		expect(server.clients()).toMatchObject([{ node: "n1", family: "grpc", userAgent: "gRPC Go 1.85.0" }]);
	});

	it("says who sends it in every response, with the same bytes for all", async () => {
		await server.stop(1_000);
		server = new XdsServer(cache, {}, { identifier: "fingerpost/1.2.3 replica-1" });
		({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
		using one = ads();
		using other = ads();
		for (const stream of [one, other]) {
			stream.send(url("eds"), ["a"], { node: { id: "n" } });
			const [first] = await stream.received(1);
			stream.send(url("eds"), mode === "sotw" ? ["a"] : [], { responseNonce: first?.nonce ?? "" });
		}
		await waitUntil("both have ACKed", () => server.clients().every(({ types }) => types.eds?.synced));
		services.set("a", serviceState("a", { endpoints: [at(1)] }));
		cache.update(["a"], performance.now());
		const [ofOne, ofOther] = await Promise.all([one, other].map((stream) => stream.received(2)));
		expect(ofOne?.map(({ controlPlane }) => controlPlane)).toEqual(Array(2).fill("fingerpost/1.2.3 replica-1"));
		expect(ofOther?.[1]).toEqual(ofOne?.[1]);
	});

	it("shows what a client announces, and tells of a family that there is not", async () => {
		using stream = ads();
		const clientFeatures = ["xds.config.resource-in-sotw", "a\nb"];
		stream.send(url("eds"), ["a"], {
			node: { id: "n", userAgentName: "gRPC Go", clientFeatures, metadata: { "fingerpost.family": "proxy" } },
		});
		await stream.received(1);
		expect(events).toEqual(["connected n grpc gRPC Go", "unknown family proxy"]);
		expect(server.clients()[0]?.features).toEqual(["xds.config.resource-in-sotw", expect.not.stringContaining("\n")]);
	});

	it("takes a client for what its metadata say", async () => {
		using stream = ads();
		stream.send(url("eds"), ["a"], { node: { id: "n", metadata: { "fingerpost.family": "grpc" } } });
		await stream.received(1);
		expect(events).toEqual(["connected n grpc"]);
	});

	it("R3: a request on ADS without a type is INVALID_ARGUMENT", async () => {
		using stream = ads();
		stream.send("", ["a"]);
		expect(await stream.status).toMatchObject({ code: status.INVALID_ARGUMENT, details: /type_url/ });
		expect(server.clients()).toEqual([]);
	});

	it.each(PER_TYPE)("R3: the %s service fills its type in, and refuses others", async (type, methods) => {
		using stream = new GrpcStream(port, methods[mode]);
		stream.send("", ["a"], { node: { id: "n" } });
		const [response] = await stream.received(1);
		expect(response).toMatchObject({ typeUrl: url(type), names: ["a"] });
		const other = type === "cds" ? "eds" : "cds";
		stream.send(url(other), ["a"]);
		expect(await stream.status).toMatchObject({ code: status.INVALID_ARGUMENT, details: /serves/ });
		expect(stream.responses).toHaveLength(1);
	});

	it("R14, G9: names may be spread over requests, and over several streams of one node", async () => {
		using one = ads();
		using other = ads();
		one.send(url("eds"), ["a"], { node: { id: "n" } });
		other.send(url("eds"), ["b"], { node: { id: "n" } });
		const [first] = await one.received(1);
		expect(first?.names).toEqual(["a"]);
		expect((await other.received(1))[0]?.names).toEqual(["b"]);
		one.send(url("eds"), ["a", "b"], { responseNonce: first?.nonce ?? "" });
		expect((await one.received(2))[1]?.names).toEqual(mode === "sotw" ? ["b"] : ["a", "b"]);
		expect(server.clients().map(({ node }) => node)).toEqual(["n", "n"]);
		expect(new Set(server.clients().map(({ stream }) => stream)).size).toBe(2);
	});

	it("R15: passes over fields that it does not know", async () => {
		using stream = ads();
		const field = mode === "sotw" ? 0x22 : 0x12;
		const typeUrl = Buffer.from(url("cds"));
		// Field 100 as a varint, 101 as bytes, 102 as 64 bits, 103 as 32 bits; then the type.
		const unknown = [0xa0, 0x06, 0x2a, 0xaa, 0x06, 1, 7, 0xb1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xbd, 0x06, 1, 2, 3, 4];
		stream.sendBytes(Buffer.from([...unknown, field, typeUrl.length, ...typeUrl]));
		expect((await stream.received(1))[0]?.names.toSorted()).toEqual(["a", "b"]);
	});

	it("answers a client that has ended its side, and then ends the stream", async () => {
		using stream = ads();
		stream.send(url("cds"), ["a"]);
		stream.send(url("eds"), ["a", "b"]);
		stream.end();
		expect(await stream.status).toMatchObject({ code: status.OK });
		expect(stream.responses.map(({ typeUrl }) => typeUrl)).toEqual([url("cds"), url("eds")]);
		expect(server.clients()).toEqual([]);
	});

	it("ends a stream that sends no protobuf, and no other", async () => {
		using other = ads();
		using stream = ads();
		other.send(url("cds"), []);
		await other.received(1);
		stream.sendBytes(Buffer.from([0xff, 0xff, 0xff]));
		expect(await stream.status).toMatchObject({ code: status.INVALID_ARGUMENT });
		expect(server.clients()).toHaveLength(1);
		change("c");
		expect((await other.received(2))[1]?.names).toContain("c");
	});

	it("R45: a type that it does not know is ignored and told once; the stream goes on", async () => {
		using stream = ads();
		stream.send("example.com/Unheard", ["x"], { node: { id: "n" } });
		stream.send("example.com/Unheard", ["y"]);
		stream.send(url("eds"), ["a"]);
		expect(await stream.received(1)).toMatchObject([{ typeUrl: url("eds"), names: ["a"] }]);
		expect(events.filter((event) => event.startsWith("unknown"))).toEqual(["unknown example.com/Unheard"]);
	});

	it("R37: takes requests far above 4 MiB", async () => {
		using stream = ads();
		stream.send(url("eds"), ["a"], { node: { id: "n", cluster: "x".repeat(15 * 1024 * 1024) } });
		expect((await stream.received(1))[0]?.names).toEqual(["a"]);
	});

	it("R5: tells of ACKs and NACKs, and of an error without text, too", async () => {
		using stream = ads();
		const names = mode === "sotw" ? ["a"] : [];
		stream.send(url("eds"), ["a"], { node: { id: "n" } });
		const [first] = await stream.received(1);
		stream.send(url("eds"), names, { responseNonce: first?.nonce ?? "", errorDetail: {} });
		await seen("nacked eds  true");
		stream.send(url("cds"), ["a"]);
		const second = (await stream.received(2))[1];
		stream.send(url("cds"), names, { responseNonce: second?.nonce ?? "" });
		await seen("acked cds");
		expect(server.clients()[0]?.types).toMatchObject({
			eds: { mode, names: ["a"], acked: null, nacked: { error: "", resources: ["a"] }, synced: false },
			cds: { mode, names: ["a"], nacked: null, synced: true },
		});
	});

	it("frees a stream that has ended, whoever ended it", async () => {
		using ending = ads();
		using cancelled = ads();
		for (const [i, stream] of [ending, cancelled].entries()) {
			stream.send(url("cds"), [], { node: { id: `n${i}` } });
			await stream.received(1);
		}
		ending.end();
		expect(await ending.status).toMatchObject({ code: status.OK });
		cancelled[Symbol.dispose]();
		await seen("disconnected n0");
		await seen("disconnected n1");
		expect(server.clients()).toEqual([]);
		const set = cache.acquire("cds", "envoy");
		expect(set.subscriptions).toBe(0);
	});
});
