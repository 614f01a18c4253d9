import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PATIENCE } from "../../lab/patience.js";
import { waitUntil } from "../../lab/wait-until.js";
import { Cache } from "../../src/cache/cache.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { DEFAULT_LIMITS } from "../../src/model/limits.js";
import { encodeService } from "../../src/resources/encode-service.js";
import type { EncodedResource } from "../../src/resources/encoded-resource.js";
import { restSource } from "../../src/resources/messages/config-source.js";
import { descriptorRegistry } from "../../src/resources/overlay/descriptor-registry.js";
import type { TypeId } from "../../src/resources/resource-type.js";
import { forEachType, resourceType } from "../../src/resources/resource-types.js";
import { RestServer } from "../../src/server/rest/rest-server.js";
import { at, serviceState } from "../catalog/fake-provider.js";
import { decodeMessage, decodeSotw, unpack } from "../resources/decode.js";

const BY_REST = restSource("fingerpost-rest", 1_500);
const agent = new Agent({ keepAlive: true });

let services: Map<string, ServiceState>;
let cache: Cache;
let server: RestServer;
let port: number;
let events: string[];

beforeEach(async () => {
	services = new Map();
	cache = new Cache({ get: (name) => services.get(name), services: () => services.values() }, (...what) =>
		encodeService(...(what.slice(0, 4) as [never, never, never, never]), { source: BY_REST }),
	);
	for (const name of ["a", "b"]) change(name);
	events = [];
	server = new RestServer(
		forEachType(() => cache),
		{
			answered: ({ id }, status) => events.push(`${id} ${status}`),
			rejected: ({ node, family, userAgent }, { id }, version, error) =>
				events.push(`rejected ${node} ${family} ${userAgent} ${id} ${version} ${error}`),
			failed: (error) => events.push(`failed ${error.stack}`),
		},
		{ limits: { ...DEFAULT_LIMITS, names: 3, nameLength: 10 } },
	);
	({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
});
afterEach(async () => {
	await server.stop();
	expect(events.filter((event) => event.startsWith("failed"))).toEqual([]);
});

function change(name: string, parts: Partial<ServiceState> = {}): void {
	services.set(name, serviceState(name, { endpoints: [at(1)], ...parts }));
	cache.update([name], performance.now());
}

function remove(name: string): void {
	services.delete(name);
	cache.update([name], performance.now());
}

interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

function ask(path: string, body: string, { method = "POST", headers = {} as Record<string, string> } = {}) {
	return new Promise<Answer>((resolve, reject) => {
		const signal = AbortSignal.timeout(PATIENCE);
		request({ host: "127.0.0.1", port, path, method, headers, agent, signal }, (response) => {
			let text = "";
			response.setEncoding("utf8").on("data", (part: string) => {
				text += part;
			});
			response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
		})
			.on("error", reject)
			.end(body);
	});
}

/** Polls, and reads the answer by the definitions of the messages. */
async function poll(type: TypeId, names: readonly string[], more: object = {}) {
	const body = JSON.stringify({ resource_names: names, type_url: resourceType(type).url, ...more });
	const { status, body: text } = await ask(resourceType(type).discovery.rest, body);
	return { status, ...(status === 200 && read(text)) };
}

function read(text: string) {
	const registry = descriptorRegistry();
	const message = registry.getMessage("envoy.service.discovery.v3.DiscoveryResponse");
	if (!message) throw new Error("there is no DiscoveryResponse");
	// From here on not by the definitions that made the JSON.
	const bytes = toBinary(message, fromJson(message, JSON.parse(text), { registry }));
	const response = decodeMessage(message.typeName, bytes) as Partial<Record<string, string>>;
	const { version_info: version = "", nonce = "", type_url: typeUrl } = response;
	return { version, nonce, typeUrl, resources: unpack(response.resources ?? []) as readonly object[] };
}

describe("R39: xDS by REST", () => {
	it.each(["cds", "eds", "lds", "rds"] as const)("answers a poll for %s with what there is, as JSON", async (type) => {
		const set = cache.acquire(type, "envoy");
		const { status, resources, typeUrl } = await poll(type, ["a", "b"]);
		expect({ status, typeUrl }).toEqual({ status: 200, typeUrl: resourceType(type).url });
		expect(resources).toEqual(["a", "b"].map((name) => decodeSotw(set.get(name) as EncodedResource)));
		expect(resources).toHaveLength(2);
	});

	it("says who sends it", async () => {
		await using named = new RestServer(
			forEachType(() => cache),
			{},
			{ identifier: 'fingerpost/1.2.3 "replica"' },
		);
		const { port: other } = await named.listen({ host: "127.0.0.1", port: 0 });
		const body = JSON.stringify({ resource_names: ["a"] });
		const response = await fetch(`http://127.0.0.1:${other}/v3/discovery:endpoints`, { method: "POST", body });
		const text = await response.text();
		expect(JSON.parse(text).controlPlane).toEqual({ identifier: 'fingerpost/1.2.3 "replica"' });
		expect(read(text).resources).toHaveLength(1);
	});

	it("answers 304 as long as the version is the present one, whatever the order of the names", async () => {
		for (const type of ["cds", "eds", "rds"] as const) {
			const { version } = await poll(type, ["a", "b"]);
			expect(await poll(type, ["b", "a"], { version_info: version })).toEqual({ status: 304 });
			expect(await poll(type, ["a"], { versionInfo: version })).toMatchObject({ status: 200 });
		}
		const { version } = await poll("eds", ["a"]);
		change("b", { endpoints: [at(2)] });
		expect(await poll("eds", ["a"], { version_info: version })).toEqual({ status: 304 });
		change("a", { endpoints: [at(2)] });
		expect(await poll("eds", ["a"], { version_info: version })).toMatchObject({ status: 200 });
		change("a");
		// R6: the version is the content.
		expect(await poll("eds", ["a"])).toMatchObject({ version });
		expect(events.slice(-2)).toEqual(["eds 200", "eds 200"]);
	});

	it("takes no names and * for all clusters, and lists neither listeners nor endpoints", async () => {
		const { version, resources } = await poll("cds", []);
		expect(resources).toHaveLength(2);
		expect(await poll("cds", ["*"], { version_info: version })).toEqual({ status: 304 });
		remove("b");
		expect((await poll("cds", [], { version_info: version })).resources).toHaveLength(1);
		remove("a");
		expect((await poll("cds", [], { version_info: version })).resources).toEqual([]);
		for (const type of ["lds", "eds", "rds"] as const) expect((await poll(type, [])).resources).toEqual([]);
	});

	it("R20, R23: gives an empty assignment for what does not exist, and nothing of other types", async () => {
		const { resources, version } = await poll("eds", ["none"]);
		expect(resources).toHaveLength(1);
		expect(await poll("eds", ["none"], { version_info: version })).toEqual({ status: 304 });
		for (const type of ["cds", "rds", "lds"] as const) expect((await poll(type, ["none"])).resources).toEqual([]);
		const before = await poll("eds", ["a"]);
		remove("a");
		expect(await poll("eds", ["a"], { version_info: before.version })).toMatchObject({ status: 200 });
	});

	it("R19: neither empties nor leaves out what is not known", async () => {
		change("new", { known: false });
		const { status, headers } = await ask("/v3/discovery:endpoints", '{"resource_names": ["new"]}');
		expect([status, headers["retry-after"]]).toEqual([503, "1"]);
		// What is known does not wait for what is not.
		expect((await poll("eds", ["a", "new"])).resources).toHaveLength(1);
		expect(await poll("eds", ["new"], { version_info: "of another replica" })).toEqual({ status: 304 });
		change("new", { known: false, overdue: true });
		expect((await poll("eds", ["new"])).resources).toHaveLength(1);
		expect(await poll("eds", ["new"], { version_info: "of another replica" })).toEqual({ status: 304 });
		change("new");
		expect(await poll("eds", ["new"], { version_info: "of another replica" })).toMatchObject({ status: 200 });
	});

	it("R7: tells of a rejection, and does not send the same content again", async () => {
		const { version, nonce } = await poll("eds", ["a"]);
		change("a", { endpoints: [at(2)] });
		const bad = await poll("eds", ["a"], { version_info: version, response_nonce: nonce });
		const node = {
			id: "n1",
			userAgentName: "envoy",
			userAgentBuildVersion: { version: { majorNumber: 1, minorNumber: 40 } },
		};
		const rejected = { version_info: version, response_nonce: bad.nonce, node };
		const error_detail = { code: 13, message: "no \u001b good" };
		expect(await poll("eds", ["a"], { ...rejected, error_detail })).toEqual({ status: 304 });
		expect(await poll("eds", ["a"], rejected)).toEqual({ status: 304 });
		expect(events).toContain(`rejected n1 envoy envoy 1.40.0 eds ${bad.nonce} no \\u001b good`);
		expect(await poll("eds", ["a"], { version_info: version, error_detail })).toEqual({ status: 304 });
		change("a", { endpoints: [at(3)] });
		expect(await poll("eds", ["a"], { ...rejected, error_detail })).toMatchObject({ status: 200 });
	});

	it("gives gRPC clients theirs", async () => {
		const envoy = await poll("cds", ["a"], { node: { id: "e", user_agent_name: "envoy" } });
		const grpc = await poll("cds", ["a"], { node: { id: "g", user_agent_name: "gRPC Go" } });
		expect(grpc.version).not.toBe(envoy.version);
		const name = "grpc/server?xds.resource.listening_address=0.0.0.0:80";
		server.apply({ limits: DEFAULT_LIMITS });
		expect((await poll("lds", [name], { node: { userAgentName: "gRPC Go" } })).resources).toHaveLength(1);
	});

	it("R15: passes over what it does not know", async () => {
		const node = { id: "n", extensions: [{ name: "x", type_urls: ["y"] }], metadata: { a: { b: [null, 1] } }, new: 1 };
		expect(await poll("eds", ["a"], { node, version_info: null, resource_locators: [], future: {} })).toMatchObject({
			status: 200,
		});
	});
});

describe("a bad request by REST", () => {
	it.each([
		["", /not JSON/],
		["{", /not JSON/],
		["[]", /not a JSON object/],
		["null", /not a JSON object/],
		['{"resource_names": "a"}', /resource_names is not a list of strings/],
		['{"resource_names": [1]}', /resource_names is not a list of strings/],
		['{"resourceNames": ["a", "b", "c", "d"]}', /more than 3 names, which xds.limits.names allows/],
		['{"resource_names": ["12345678901"]}', /a name of 11 bytes; xds.limits.nameLength allows 10/],
		['{"version_info": 1}', /version_info is not a string/],
		[`{"version_info": "${"x".repeat(4_097)}"}`, /a version_info of 4097 characters/],
		['{"node": "n"}', /node is not an object/],
		['{"error_detail": []}', /error_detail is not an object/],
		['{"type_url": "type.googleapis.com/envoy.config.cluster.v3.Cluster"}', /where .*ClusterLoadAssignment is served/],
	])("%.40j is a 400 that says why", async (body, why) => {
		const { status, body: text } = await ask("/v3/discovery:endpoints", body);
		expect(status).toBe(400);
		expect((JSON.parse(text) as { error: string }).error).toMatch(why);
	});

	it("is a 404 elsewhere, a 405 by another method, a 403 from a page", async () => {
		const { status, body } = await ask("/v3/discovery:secrets", "{}");
		expect([status, body]).toEqual([404, expect.stringContaining("/v3/discovery:clusters")]);
		const get = await ask("/v3/discovery:clusters?x=1", "", { method: "GET" });
		expect([get.status, get.headers.allow]).toEqual([405, "POST"]);
		const headers = { origin: "http://evil.test" };
		expect(await ask("/v3/discovery:clusters", "{}", { headers })).toMatchObject({ status: 403 });
		expect(await ask("/v3/discovery:clusters", "{}")).toMatchObject({ status: 200 });
	});

	it("is a 413 where it says that it is larger than a gRPC request may be", async () => {
		using client = new RawClient();
		client.write(`POST /v3/discovery:clusters HTTP/1.1\r\nhost: x\r\ncontent-length: ${64 * 1024 * 1024 + 1}\r\n\r\n`);
		await waitUntil("it is refused", () => /^HTTP\/1.1 413 .*connection: close/is.test(client.text) && client.ended);
	});

	it("is a 413 where it turns out to be", async () => {
		using client = new RawClient();
		client.write("POST /v3/discovery:clusters HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
		const chunk = `100000\r\n${" ".repeat(0x10_0000)}\r\n`;
		for (let i = 0; i < 65; i++) client.write(chunk);
		await waitUntil("it is refused", () => client.text.startsWith("HTTP/1.1 413 ") || client.ended);
		expect(await poll("cds", [])).toMatchObject({ status: 200 });
	});
});

describe("the REST server", () => {
	it("answers polls one after another on a connection, and many at a time", async () => {
		const sockets = new Set<string>();
		for (let i = 0; i < 3; i++) {
			const { headers } = await ask("/v3/discovery:clusters", "{}");
			sockets.add(`${headers.connection}`);
		}
		expect([...sockets]).toEqual(["keep-alive"]);
		const many = await Promise.all(Array.from({ length: 200 }, () => poll("eds", ["a"])));
		expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200]));
	});

	it("ends a connection that takes forever to say what it wants", async () => {
		using client = new RawClient();
		client.write("POST /v3/discovery:clusters HTTP/1.1\r\nhost: x\r\n");
		await waitUntil("it is ended", () => client.ended);
		expect(client.text).toMatch(/^(HTTP\/1.1 408 .*)?$/s);
	});

	it("says that its port is in use", async () => {
		await using other = new RestServer(forEachType(() => cache));
		await expect(other.listen({ host: "127.0.0.1", port })).rejects.toThrow(
			`cannot listen for xDS by REST on 127.0.0.1:${port}: the port is in use; choose another as xds.rest.listen`,
		);
	});

	it("stops at once though clients keep connections, say nothing, or have not said all", async () => {
		await poll("cds", []);
		using silent = new RawClient();
		using slow = new RawClient();
		slow.write("POST /v3/discovery:clusters HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
		await waitUntil("they are connected", () => silent.connected && slow.connected);
		// Without a limit of its own it would wait until the request is given up, after 30 s.
		const start = performance.now();
		await server.stop();
		expect(performance.now() - start).toBeLessThan(30_000);
		await waitUntil("both are told", () => silent.ended && slow.ended);
	});
});

class RawClient implements Disposable {
	readonly #socket = connect(port, "127.0.0.1");
	text = "";
	ended = false;
	connected = false;

	constructor() {
		this.#socket.on("error", () => {
			this.ended = true;
		});
		this.#socket.on("connect", () => {
			this.connected = true;
		});
		this.#socket.on("close", () => {
			this.ended = true;
		});
		this.#socket.setEncoding("utf8").on("data", (part: string) => {
			this.text += part;
		});
	}

	write(text: string): void {
		this.#socket.write(text);
	}

	[Symbol.dispose](): void {
		this.#socket.destroy();
	}
}
