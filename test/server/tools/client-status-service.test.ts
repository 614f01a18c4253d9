import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import { Cache } from "../../../src/cache/cache.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import { ClientResourceStatus as ClientSide } from "../../../src/gen/envoy/admin/v3/config_dump_shared.js";
import { ClusterLoadAssignment } from "../../../src/gen/envoy/config/endpoint/v3/endpoint.js";
import {
	ClientStatusRequest,
	ClientStatusResponse,
	ConfigStatus as ServerSide,
} from "../../../src/gen/envoy/service/status/v3/csds.js";
import type { TypeId } from "../../../src/resources/resource-type.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import { XdsServer } from "../../../src/server/xds-server.js";
import { at, serviceState } from "../../catalog/fake-provider.js";
import { GrpcCaller } from "../grpc-call.js";
import { GrpcStream } from "../grpc-stream.js";

const METHODS = { sotw: "StreamAggregatedResources", delta: "DeltaAggregatedResources" };
const FETCH = "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus";
const url = (type: TypeId) => resourceType(type).url;

let services: Map<string, ServiceState>;
let cache: Cache;
let server: XdsServer;
let port: number;
let caller: GrpcCaller;

function set(name: string, endpoints = 1, parts: Partial<ServiceState> = {}): void {
	services.set(
		name,
		serviceState(name, { endpoints: Array.from({ length: endpoints }, (_, i) => at(i + 1)), ...parts }),
	);
	cache.update([name], performance.now());
}

beforeEach(async () => {
	services = new Map();
	cache = new Cache({ get: (name) => services.get(name), services: () => services.values() });
	server = new XdsServer(cache);
	({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
	caller = new GrpcCaller(port);
});
afterEach(async () => {
	caller[Symbol.dispose]();
	await server.stop(1_000);
});

type Query = Parameters<typeof ClientStatusRequest.fromPartial>[0];

const fetch = (query: Query = {}) =>
	caller.unary(FETCH, [ClientStatusRequest, ClientStatusResponse], ClientStatusRequest.fromPartial(query));

/** What is said of each name: `eds web SYNCED ACKED`. */
async function statuses(): Promise<string[]> {
	const { config } = await fetch();
	const entries = config.flatMap(({ genericXdsConfigs }) => genericXdsConfigs);
	return entries.map(({ typeUrl, name, configStatus, clientStatus }) => {
		const type = /\.(\w+)$/.exec(typeUrl)?.[1];
		return `${type} ${name} ${ServerSide[configStatus]} ${ClientSide[clientStatus]}`;
	});
}

const showing = (...lines: string[]) =>
	waitUntil(`the status is ${lines}`, async () => JSON.stringify(await statuses()) === JSON.stringify(lines));

describe.each(["sotw", "delta"] as const)("the client status discovery service, %s", (mode) => {
	const connect = () => new GrpcStream(port, `discovery.v3.AggregatedDiscoveryService/${METHODS[mode]}`);
	const answer = (stream: GrpcStream, type: TypeId, names: readonly string[], error?: string) => {
		const { nonce: responseNonce } = stream.responses.at(-1) ?? { nonce: "" };
		const errorDetail = error === undefined ? {} : { errorDetail: { code: 13, message: error } };
		stream.send(url(type), mode === "sotw" ? names : [], { responseNonce, ...errorDetail });
	};

	it("has the node as the client sent it, without its extensions", async () => {
		using stream = connect();
		const node = {
			id: "envoy-1",
			cluster: "edge",
			locality: { region: "eu", zone: "eu-1", subZone: "r1" },
			userAgentName: "envoy",
			metadata: { role: "ingress" },
			extensions: [{ name: "envoy.filters.http.router" }],
		};
		stream.send(url("eds"), ["web"], { node });
		await showing(`ClusterLoadAssignment web NOT_SENT DOES_NOT_EXIST`);
		const { config } = await fetch();
		expect(config).toHaveLength(1);
		expect(config[0]?.node).toMatchObject({ ...node, extensions: [] });
		expect(config[0]?.clientScope).toMatch(/^envoy-1 stream \d+$/);
	});

	it("follows a resource from its request to its ACK and its NACK", async () => {
		set("web");
		set("late", 0, { state: "unknown", known: false });
		using stream = connect();
		stream.send(url("eds"), ["late", "none", "web"], { node: { id: "n" } });
		const rest = [
			"ClusterLoadAssignment late NOT_SENT REQUESTED",
			"ClusterLoadAssignment none NOT_SENT DOES_NOT_EXIST",
		];
		await showing(...rest, "ClusterLoadAssignment web STALE UNKNOWN");
		answer(stream, "eds", ["late", "none", "web"]);
		await showing(...rest, "ClusterLoadAssignment web SYNCED ACKED");
		set("web", 2);
		await showing(...rest, "ClusterLoadAssignment web STALE UNKNOWN");
		await stream.received(2);
		answer(stream, "eds", ["late", "none", "web"], "no such endpoint");
		await showing(...rest, "ClusterLoadAssignment web ERROR NACKED");
		const { config } = await fetch();
		const web = config[0]?.genericXdsConfigs.at(-1);
		expect(web?.errorState).toMatchObject({ details: "no such endpoint", versionInfo: web?.versionInfo });
		expect(web?.lastUpdated?.getTime()).toBeGreaterThan(Date.now() - 60_000);
	});

	it("has what a wildcard stands for, with contents, unless these are not wanted", async () => {
		set("a");
		set("b", 3);
		using stream = connect();
		stream.send(url("cds"), ["*"], { node: { id: "n" } });
		stream.send(url("eds"), ["b"]);
		await stream.received(2);
		const entries = (await fetch()).config[0]?.genericXdsConfigs ?? [];
		expect(entries.map(({ name, xdsConfig }) => [name, xdsConfig?.typeUrl])).toEqual([
			["a", url("cds")],
			["b", url("cds")],
			["b", url("eds")],
		]);
		const assignment = ClusterLoadAssignment.decode(entries[2]?.xdsConfig?.value ?? new Uint8Array());
		expect(assignment.endpoints[0]?.lbEndpoints).toHaveLength(3);
		expect(entries[2]?.versionInfo).toBe(cache.versionOf("eds", "envoy", services.get("b") as ServiceState));
		const bare = (await fetch({ excludeResourceContents: true })).config[0]?.genericXdsConfigs ?? [];
		expect(bare).toEqual(entries.map((entry) => ({ ...entry, xdsConfig: undefined })));
	});
});

describe("the client status discovery service", () => {
	async function connected(...ids: string[]): Promise<Disposable> {
		const stack = new DisposableStack();
		for (const id of ids) {
			const stream = stack.use(
				new GrpcStream(port, "discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"),
			);
			stream.send(url("cds"), ["*"], { node: { id } });
			await stream.received(1);
		}
		return stack;
	}
	const idsFor = async (query: Query) => (await fetch(query)).config.map(({ node }) => node?.id);

	it.each<[string, NonNullable<Query["nodeMatchers"]>, readonly string[]]>([
		["no matcher", [], ["Edge-1", "edge-2", "shop"]],
		["an exact id", [{ nodeId: { exact: "edge-2" } }], ["edge-2"]],
		["a prefix", [{ nodeId: { prefix: "edge" } }], ["edge-2"]],
		["a prefix in any case", [{ nodeId: { prefix: "EDGE", ignoreCase: true } }], ["Edge-1", "edge-2"]],
		["a suffix", [{ nodeId: { suffix: "-1" } }], ["Edge-1"]],
		["a part", [{ nodeId: { contains: "ho" } }], ["shop"]],
		[
			"a regex, which is for the whole id",
			[{ nodeId: { safeRegex: { regex: "[Ee]dge-.|sho" } } }],
			["Edge-1", "edge-2"],
		],
		["one of two", [{ nodeId: { exact: "shop" } }, { nodeId: { suffix: "2" } }], ["edge-2", "shop"]],
		["a matcher of nothing", [{}], ["Edge-1", "edge-2", "shop"]],
		["no node", [{ nodeId: { exact: "nobody" } }], []],
	])("finds clients by %s", async (_, nodeMatchers, ids) => {
		using _clients = await connected("Edge-1", "edge-2", "shop");
		expect(await idsFor({ nodeMatchers })).toEqual(ids);
	});

	it.each<[string, NonNullable<Query["nodeMatchers"]>, status]>([
		["metadata", [{ nodeMetadatas: [{}] }], status.UNIMPLEMENTED],
		["no pattern", [{ nodeId: {} }], status.INVALID_ARGUMENT],
		["a broken regex", [{ nodeId: { safeRegex: { regex: "(" } } }], status.INVALID_ARGUMENT],
		["a long regex", [{ nodeId: { safeRegex: { regex: "a".repeat(2_000) } } }], status.INVALID_ARGUMENT],
		["many matchers", Array.from({ length: 33 }, () => ({ nodeId: { exact: "a" } })), status.INVALID_ARGUMENT],
	])("refuses to match by %s", async (_, nodeMatchers, code) => {
		using _clients = await connected("a".repeat(40));
		await expect(fetch({ nodeMatchers })).rejects.toMatchObject({ code });
	});

	it("takes a regex that would never end elsewhere", async () => {
		using _clients = await connected("a".repeat(40));
		expect(await idsFor({ nodeMatchers: [{ nodeId: { safeRegex: { regex: "(a+)+b" } } }] })).toEqual([]);
	});

	it("answers every request of a stream", async () => {
		using _clients = await connected("a", "b");
		const call = caller.client.makeBidiStreamRequest<ClientStatusRequest, ClientStatusResponse>(
			"/envoy.service.status.v3.ClientStatusDiscoveryService/StreamClientStatus",
			(request) => Buffer.from(ClientStatusRequest.encode(request).finish()),
			(bytes) => ClientStatusResponse.decode(bytes),
		);
		for (const exact of ["a", "b"])
			call.write(ClientStatusRequest.fromPartial({ nodeMatchers: [{ nodeId: { exact } }] }));
		call.end();
		const answers: ClientStatusResponse[] = [];
		for await (const answer of call) answers.push(answer as ClientStatusResponse);
		expect(answers.map(({ config }) => config.map(({ node }) => node?.id))).toEqual([["a"], ["b"]]);
	});

	it("leaves out contents that do not fit, and refuses what does not fit without them", async () => {
		for (let i = 0; i < 60; i++) set(`service-${i}`, 3_000);
		const names = [...services.keys()];
		const open = (names: readonly string[]) => {
			const stream = new GrpcStream(port, "discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources");
			stream.send(url("eds"), names, { node: { id: "large" } });
			return stream;
		};
		using stream = open(names);
		await stream.received(1);
		const { config } = await fetch();
		expect(config[0]?.genericXdsConfigs).toHaveLength(60);
		expect(config[0]?.genericXdsConfigs.filter(({ xdsConfig }) => xdsConfig)).toEqual([]);
		using many = open(Array.from({ length: 30_000 }, (_, i) => `no-such-service-${i}`));
		await many.received(1);
		await expect(fetch()).rejects.toMatchObject({
			code: status.RESOURCE_EXHAUSTED,
			details: expect.stringContaining("node_matchers"),
		});
	});
});
