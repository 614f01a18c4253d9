import { once } from "node:events";
import { get } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { healthRoutes } from "../../../src/admin/admin-routes.js";
import { AdminServer } from "../../../src/admin/admin-server.js";
import { clientList } from "../../../src/admin/lists/client-list.js";
import { serviceList } from "../../../src/admin/lists/service-list.js";
import { ServiceNames } from "../../../src/admin/lists/service-names.js";
import { Metrics } from "../../../src/admin/metrics/metrics.js";
import type { HostPort } from "../../../src/model/host-port.js";
import type { ClientStatus, TypeStatus } from "../../../src/server/protocol/client-status.js";
import { FakeSources, fakeClient, fakeService, NOON } from "../fake-sources.js";

function typeStatus(parts: Partial<TypeStatus> = {}): TypeStatus {
	const nothing = { sent: null, acked: null, nacked: null };
	return {
		mode: "sotw",
		wildcard: false,
		names: [],
		missing: [],
		...nothing,
		asksNothing: false,
		synced: true,
		...parts,
	};
}

const NACK = { version: "1", resources: ["b"], error: "no", at: NOON, searching: false };

describe("the list of services", () => {
	const sources = new FakeSources(
		fakeService("shop/b", { state: "stale" }),
		fakeService("shop/a"),
		fakeService("pay"),
		fakeService("a", { state: "removing" }),
	);

	function names(query: string): string[] {
		const text = [...serviceList(sources, new ServiceNames(sources), new URLSearchParams(query))].join("");
		return (JSON.parse(text) as { services: { name: string }[] }).services.map(({ name }) => name);
	}

	it.each([
		["", ["a", "pay", "shop/a", "shop/b"]],
		["service=pay", ["pay"]],
		["service=shop/*", ["shop/a", "shop/b"]],
		["state=stale", ["shop/b"]],
		["service=*a*&state=synced", ["pay", "shop/a"]],
		["limit=2", ["a", "pay"]],
		["limit=2&after=pay", ["shop/a", "shop/b"]],
		["after=q", ["shop/a", "shop/b"]],
		["after=shop/b", []],
		["limit=1&service=*p*&after=pay", ["shop/a"]],
		["anything=else", ["a", "pay", "shop/a", "shop/b"]],
	])("?%s gives %j", (query, expected) => {
		expect(names(query)).toEqual(expected);
	});

	it.each(["limit=0", "limit=x", "limit=1.5", "limit=", "state=fine"])(
		"?%s is refused with what can be",
		async (query) => {
			await using server = await startServer(sources);
			const { status, text } = await read(server, `/api/v1/services?${query}`);
			expect(status).toBe(400);
			expect(text).toMatch(/expected (?:a number from 1|one of synced, stale, unknown, removing)/);
		},
	);

	it("leaves out what has gone since it began", () => {
		const few = new FakeSources(fakeService("a"), fakeService("b"));
		const pieces = serviceList(few, new ServiceNames(few), new URLSearchParams())[Symbol.iterator]();
		let text = "";
		for (let piece = pieces.next(); !piece.done; piece = pieces.next()) {
			text += piece.value;
			if (text.includes('"a"')) few.all = [];
		}
		expect((JSON.parse(text) as { services: unknown[] }).services).toHaveLength(1);
	});

	it("is sorted once for all its pages, and again when a service came or went", () => {
		const many = new FakeSources(fakeService("b"), fakeService("a"));
		let revision = 1;
		let asked = 0;
		many.names = () => ({
			revision,
			get names() {
				asked++;
				return many.all.map(({ name }) => name);
			},
		});
		const all = new ServiceNames(many);
		const page = () => [...serviceList(many, all, new URLSearchParams())].join("");
		expect(page()).toBe(page());
		expect(asked).toBe(1);
		many.all = [...many.all, fakeService("0")];
		revision++;
		expect(page()).toMatch(/"name":"0".*"name":"a".*"name":"b"/);
		expect(asked).toBe(2);
	});
});

describe("the list of clients", () => {
	const sources = new FakeSources();
	sources.connected = [
		fakeClient({
			node: "e-1",
			stream: 1,
			types: { cds: typeStatus({ wildcard: true }), eds: typeStatus({ names: ["b", "a"] }) },
		}),
		fakeClient({ node: "e-2", stream: 3, types: { eds: typeStatus({ names: ["b"], nacked: NACK, synced: false }) } }),
		fakeClient({ node: "g-1", stream: 4, types: { lds: typeStatus({ names: ["c"], synced: false }) } }),
		fakeClient({ node: "mute", stream: 10 }),
		fakeClient({ node: "idle", stream: 11, types: { rds: typeStatus({ asksNothing: true, synced: false }) } }),
	];

	function shown(query: string): [number, string[]][] {
		const text = [...clientList(sources, new URLSearchParams(query))].join("");
		const { clients } = JSON.parse(text) as { clients: ClientStatus[] };
		return clients.map(({ stream, types }) => [stream, Object.keys(types)]);
	}

	it.each([
		[
			"",
			[
				[1, ["cds", "eds"]],
				[3, ["eds"]],
				[4, ["lds"]],
				[10, []],
				[11, ["rds"]],
			],
		],
		["state=asks-nothing", [[11, ["rds"]]]],
		[
			"node=e-*",
			[
				[1, ["cds", "eds"]],
				[3, ["eds"]],
			],
		],
		[
			"type=eds",
			[
				[1, ["eds"]],
				[3, ["eds"]],
			],
		],
		["state=nacked", [[3, ["eds"]]]],
		["state=pending", [[4, ["lds"]]]],
		["state=synced", [[1, ["cds", "eds"]]]],
		[
			"service=b",
			[
				[1, ["cds", "eds"]],
				[3, ["eds"]],
			],
		],
		["service=a&type=eds", [[1, ["eds"]]]],
		[
			"limit=2",
			[
				[1, ["cds", "eds"]],
				[3, ["eds"]],
			],
		],
		[
			"limit=2&after=3",
			[
				[4, ["lds"]],
				[10, []],
			],
		],
		["limit=1&state=pending", [[4, ["lds"]]]],
	])("?%s gives %j", (query, expected) => {
		expect(shown(query)).toEqual(expected);
	});

	it.each(["after=x", "type=sds", "state=NACK"])("?%s is refused with what can be", (query) => {
		expect(() => shown(query)).toThrow(/^expected /);
	});

	it("has the names of each type in order", () => {
		const text = [...clientList(sources, new URLSearchParams())].join("");
		expect(text).toContain('"names":["a","b"]');
	});
});

describe("a long answer", () => {
	const repairs = ["x".repeat(1_000)];
	const many = new FakeSources(...Array.from({ length: 20_000 }, (_, i) => fakeService(`s${i}`, { repairs })));
	const byName = new Map(many.all.map((service) => [service.name, service]));
	const looked = new Set<string>();
	many.service = (name) => {
		looked.add(name);
		return byName.get(name);
	};

	it("is whole, and is made only as fast as it is read", async () => {
		await using server = await startServer(many);
		const { port } = server.address as HostPort;
		looked.clear();
		const request = get({ host: "127.0.0.1", port, path: "/api/v1/services", agent: false });
		const [response] = await once(request, "response");
		// Nobody reads: the buffers between the two get full, and then no service is looked at.
		let last = -1;
		await expect
			.poll(
				() => {
					const isStill = last === looked.size;
					last = looked.size;
					return isStill;
				},
				{ interval: 250, timeout: 20_000 },
			)
			.toBe(true);
		expect(looked.size).toBeLessThan(20_000);
		let text = "";
		for await (const chunk of response) text += String(chunk);
		expect((JSON.parse(text) as { services: unknown[] }).services).toHaveLength(20_000);
	});

	it("ends when its reader goes, and frees its place", async () => {
		await using server = await startServer(many);
		const { port } = server.address as HostPort;
		for (let i = 0; i < 40; i++) {
			const request = get({ host: "127.0.0.1", port, path: "/api/v1/services", agent: false });
			const [response] = await once(request, "response");
			response.destroy();
			await once(response, "close");
		}
		await expect.poll(async () => (await read(server, "/api/v1/services?limit=1")).status).toBe(200);
	});

	it("is refused while 32 others are being made", async () => {
		await using server = await startServer(many);
		const { port } = server.address as HostPort;
		const unread = Array.from({ length: 32 }, () =>
			get({ host: "127.0.0.1", port, path: "/api/v1/services", agent: false }),
		);
		await Promise.all(unread.map((request) => once(request, "response")));
		const { status, text } = await read(server, "/api/v1/clients");
		expect([status, text]).toEqual([503, expect.stringContaining("try again")]);
		expect((await read(server, "/healthz")).status).toBe(200);
		for (const request of unread) request.destroy();
		await expect.poll(async () => (await read(server, "/api/v1/clients")).status).toBe(200);
	});

	it("that fails midway has no end, and its owner is told", async () => {
		const broken = new FakeSources(...many.all.slice(0, 2_000));
		broken.service = (name) => {
			if (name === "s999") throw new Error("broken");
			return byName.get(name);
		};
		const errors: unknown[] = [];
		await using server = await startServer(broken, (error) => errors.push(error));
		await expect(read(server, "/api/v1/services")).rejects.toThrow();
		expect(errors).toEqual([new Error("broken")]);
	});
});

describe("half-open connections", () => {
	it("keep no health check out, also from the same address, and keep no answer from being read", async () => {
		await using server = await startServer(new FakeSources(fakeService("a")));
		const { port } = server.address as HostPort;
		await using half = await openMany(port, 700);
		for (let i = 0; i < 20; i++) expect((await read(server, "/healthz")).status).toBe(200);
		expect(half.open).toBeGreaterThan(400);
	});
});

describe("the health listener", () => {
	it("has health, readiness and metrics, and nothing else", async () => {
		const sources = new FakeSources(fakeService("a"));
		const options = { listen: { host: "127.0.0.1", port: 0 }, sources, metrics: new Metrics(sources) };
		await using server = new AdminServer({ ...options, routes: healthRoutes(true) });
		await using bare = new AdminServer({ ...options, routes: healthRoutes(false) });
		await Promise.all([server.start(), bare.start()]);
		const statuses = async (of: AdminServer) =>
			Promise.all(
				["/healthz", "/readyz", "/metrics", "/", "/api/v1/clients"].map(async (path) => (await read(of, path)).status),
			);
		expect(await statuses(server)).toEqual([200, 200, 200, 404, 404]);
		expect(await statuses(bare)).toEqual([200, 200, 404, 404, 404]);
	});
});

async function startServer(sources: FakeSources, onError?: (error: unknown) => void): Promise<AdminServer> {
	const listen = { host: "127.0.0.1", port: 0 };
	const server = new AdminServer({ listen, sources, metrics: new Metrics(sources), ...(onError && { onError }) });
	await server.start();
	return server;
}

function read(server: AdminServer, path: string): Promise<{ status: number; text: string }> {
	const { port } = server.address as HostPort;
	return new Promise((resolve, reject) => {
		const request = get({ host: "127.0.0.1", port, path, agent: false }, (response) => {
			let text = "";
			response.on("data", (chunk: Buffer) => {
				text += chunk.toString();
			});
			response.on("error", reject);
			response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
		});
		request.on("error", reject);
	});
}

/** Connections that have sent the beginning of a request; `open` are those that are still there. */
async function openMany(port: number, count: number) {
	const sockets = Array.from({ length: count }, () => {
		const socket: Socket = connect(port, "127.0.0.1").on("error", () => {});
		socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
		return socket.resume();
	});
	await Promise.all(
		sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve).once("close", resolve))),
	);
	return {
		get open() {
			return sockets.filter((socket) => !socket.destroyed).length;
		},
		async [Symbol.asyncDispose]() {
			for (const socket of sockets) socket.destroy();
		},
	};
}
