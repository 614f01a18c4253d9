import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { Cache } from "../../src/cache/cache.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { endpoint } from "../../src/model/endpoint.js";
import { DEFAULT_LIMITS } from "../../src/model/limits.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { XdsServer } from "../../src/server/xds-server.js";
import { atOnce } from "../../src/util/steps.js";
import { serviceState } from "../catalog/fake-provider.js";
import { GrpcStream } from "./grpc-stream.js";

const ADS = {
	sotw: "discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
	delta: "discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
};
const EDS = resourceType("eds").url;

describe.each(["sotw", "delta"] as const)("clients in zones of a server, %s", (mode) => {
	let services: Map<string, ServiceState>;
	let cache: Cache;
	let server: XdsServer;
	let port: number;
	let limited: string[];
	let now: number;

	beforeEach(async () => {
		now = 0;
		limited = [];
		const endpoints = ["a", "a", "b", "b"].map((zone, i) =>
			endpoint({ address: `10.0.0.${i + 1}`, port: 80, locality: { region: "eu", zone, subZone: "" } }),
		);
		services = new Map([["web", serviceState("web", { endpoints })]]);
		cache = new Cache({ get: (name) => services.get(name), services: () => services.values() });
		const limits = { ...DEFAULT_LIMITS, zones: 2 };
		server = new XdsServer(cache, { limited: ({ node }, limit) => limited.push(`${node} ${limit}`) }, { limits });
		({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
	});
	afterEach(() => server.stop(1_000));

	/** A client of that zone that asks for the service; `-` is its region alone. */
	function open(zone: string): GrpcStream {
		const stream = new GrpcStream(port, ADS[mode]);
		const locality = zone === "" ? undefined : { region: "eu", zone: zone === "-" ? "" : zone };
		stream.send(EDS, ["web"], { node: { id: `in ${zone}`, userAgentName: "envoy", locality } });
		return stream;
	}

	/** Lets time pass until clients count. */
	function wait(): void {
		for (let i = 0; i < 5; i++) {
			now += 1_000;
			atOnce(cache.followDemand(now));
		}
	}

	it("get what is for their zone once they count, and are shown with it", async () => {
		using inA = open("a");
		using inB = open("b");
		await Promise.all([inA.received(1), inB.received(1)]);
		wait();
		await Promise.all([inA.received(2), inB.received(2)]);
		expect(server.clients().map(({ zone }) => zone?.zone)).toEqual(["a", "b"]);
		expect(cache.traffic.rowsOf(services.get("web") as ServiceState)?.map(({ clients }) => clients)).toEqual([1, 1]);
	});

	it("count in the zones of their region where they name that alone", async () => {
		using inRegion = open("-");
		using inB = open("b");
		await Promise.all([inRegion.received(1), inB.received(1)]);
		wait();
		// Of a demand of a fourth in a, and three fourths in b, each zone bears a half.
		await Promise.all([inRegion.received(2), inB.received(2)]);
		expect(server.clients().map(({ zone }) => zone)).toEqual([
			{ region: "eu", zone: "" },
			{ region: "eu", zone: "b" },
		]);
		expect(cache.traffic.rowsOf(services.get("web") as ServiceState)?.map(({ clients }) => clients)).toEqual([
			0.5, 1.5,
		]);
	});

	it("are sent what changed once when demand moves, and nothing when it does not", async () => {
		using inA = open("a");
		await inA.received(1);
		const ack = (stream: GrpcStream) => {
			const { nonce = "" } = stream.responses.at(-1) ?? {};
			stream.send(EDS, mode === "sotw" ? ["web"] : [], { responseNonce: nonce });
		};
		ack(inA);
		// All clients are in a, and half of what they ask goes to b: that is as it was, and nothing is sent.
		wait();
		// The first in b gets its zone. By then a bears what is asked there.
		using inB = open("b");
		await inB.received(1);
		ack(inB);
		wait();
		await inA.received(2);
		ack(inA);
		// One that comes and goes counts for nobody, and what is served as it was changes nothing.
		{
			using passing = open("a");
			await passing.received(1);
			now += 1_000;
			atOnce(cache.followDemand(now));
		}
		await waitUntil("it is gone", () => server.clients().length === 2);
		for (let i = 0; i < 4; i++) wait();
		cache.update(["web"], performance.now());
		const other = resourceType("cds").url;
		for (const stream of [inA, inB]) stream.send(other, ["web"]);
		await Promise.all([inA.received(3), inB.received(2)]);
		const sent = (stream: GrpcStream) => stream.responses.map(({ typeUrl, names }) => [typeUrl, ...names]);
		const assignment = [EDS, "web"];
		expect(sent(inA)).toEqual([assignment, assignment, [other, "web"]]);
		expect(sent(inB)).toEqual([assignment, [other, "web"]]);
	});

	it("of more zones than there may be get what clients without a zone get, until others have gone", async () => {
		using inA = open("a");
		using none = open("");
		{
			using inB = open("b");
			await Promise.all([inA.received(1), inB.received(1), none.received(1)]);
			using inC = open("c");
			await inC.received(1);
			expect(limited).toEqual(["in c zones"]);
			const status = server.clients().find(({ node }) => node === "in c");
			expect([status?.locality?.zone, status?.zone]).toEqual(["c", undefined]);
		}
		await waitUntil("the two are gone", () => server.clients().length === 2);
		using again = open("c");
		await again.received(1);
		expect(server.clients().find(({ node }) => node === "in c")?.zone).toEqual({ region: "eu", zone: "c" });
	});

	it("have a part of the endpoints from the moment on that the service gives parts, and all when it does not any more", async () => {
		const web = services.get("web") as ServiceState;
		const endpoints = Array.from({ length: 400 }, (_, i) =>
			endpoint({ address: `10.0.${100 + (i >> 7)}.${100 + (i & 127)}`, port: 80 }),
		);
		const serve = (size: number | undefined) => {
			const definition = { ...web.definition, subset: size === undefined ? undefined : { size } };
			services.set("web", { ...web, definition, endpoints });
			cache.update(["web"], performance.now());
		};
		serve(undefined);
		const streams = ["a", "b", ""].map(open);
		/** Tenths of the endpoints that each client was sent last, by the bytes that these take. */
		const tenths = () =>
			streams.map(({ responses: [first, ...rest] }) => {
				return Math.round((10 * (rest.at(-1)?.bytes ?? first?.bytes ?? 0)) / (first?.bytes ?? 0));
			});
		await Promise.all(streams.map((stream) => stream.received(1)));
		expect(tenths()).toEqual([10, 10, 10]);
		serve(120);
		await Promise.all(streams.map((stream) => stream.received(2)));
		expect(tenths()).toEqual([3, 3, 3]);
		serve(240);
		await Promise.all(streams.map((stream) => stream.received(3)));
		expect(tenths()).toEqual([6, 6, 6]);
		serve(undefined);
		await Promise.all(streams.map((stream) => stream.received(4)));
		expect(tenths()).toEqual([10, 10, 10]);
		for (const stream of streams) stream[Symbol.dispose]();
	});
});
