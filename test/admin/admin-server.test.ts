import { readFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { PATIENCE } from "../../lab/patience.js";
import { ADMIN_ROUTES } from "../../src/admin/admin-routes.js";
import { AdminServer } from "../../src/admin/admin-server.js";
import { Metrics } from "../../src/admin/metrics/metrics.js";
import { endpoint } from "../../src/model/endpoint.js";
import type { HostPort } from "../../src/model/host-port.js";
import { FakeSources, FULL_ENDPOINT, fakeClient, fakeService, inSteps, NOON } from "./fake-sources.js";

const LOOPBACK: HostPort = { host: "127.0.0.1", port: 0 };

async function startServer(sources: FakeSources, options: { listen?: HostPort; onError?: (e: unknown) => void } = {}) {
	const server = new AdminServer({ listen: LOOPBACK, sources, metrics: new Metrics(sources), ...options });
	await server.start();
	return server;
}

interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
	// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
	json(): any;
}

interface Ask {
	readonly method?: string;
	readonly headers?: Record<string, string>;
	readonly body?: string;
}

/** Not fetch: it sets the Host header itself and tidies up paths. */
function ask(server: AdminServer, path: string, { method = "GET", headers, body }: Ask = {}): Promise<Answer> {
	const { port } = server.address as HostPort;
	return new Promise((resolve, reject) => {
		const signal = AbortSignal.timeout(PATIENCE);
		request({ host: "127.0.0.1", port, path, method, headers, agent: false, signal }, (response) => {
			let text = "";
			response.setEncoding("utf8").on("data", (part: string) => {
				text += part;
			});
			response.on("end", () =>
				resolve({
					status: response.statusCode ?? 0,
					headers: response.headers,
					body: text,
					json: () => JSON.parse(text),
				}),
			);
		})
			.on("error", reject)
			.end(body);
	});
}

describe("the admin API", () => {
	it("lists the services by name, in the documented shape", async () => {
		const failing = {
			target: "file:///etc/b.yaml",
			state: "stale",
			lastSuccess: NOON,
			lastError: { message: "it is gone", at: NOON },
			staleSince: NOON,
			changes: 3,
		} as const;
		const endpoints = [
			endpoint({ address: "::1", port: 1, health: "healthy" }),
			endpoint({ address: "127.0.0.1", port: 2, health: "draining" }),
		];
		const b = fakeService("b", {
			state: "stale",
			endpoints,
			targets: [failing],
			notes: ["mended", "left out"],
			repairs: ["mended"],
		});
		const what = { name: "b", type: "eds", family: "grpc", reason: "rejected", message: "no\u009b" } as const;
		const rejected = { ...what, since: NOON, rejectedBy: 1, ackedBy: 499, isAccepted: true };
		const sources = Object.assign(new FakeSources(b, fakeService("a")), { problems: () => inSteps([rejected]) });
		await using server = await startServer(sources as FakeSources);
		const answer = await ask(server, "/api/v1/services");
		expect(answer.headers["content-type"]).toBe("application/json");
		expect(answer.json().services.map((each: { name: string }) => each.name)).toEqual(["a", "b"]);
		expect(answer.json().services[1]).toEqual({
			name: "b",
			state: "stale",
			version: "version-of-b",
			endpoints: { total: 2, ready: 1, held: 0 },
			targets: [
				{
					target: "file:///etc/b.yaml",
					state: "stale",
					lastSuccess: "2026-11-24T12:00:00.000Z",
					lastError: "it is gone",
					lastErrorAt: "2026-11-24T12:00:00.000Z",
					staleSince: "2026-11-24T12:00:00.000Z",
					staleSeconds: expect.closeTo((Date.now() - NOON.getTime()) / 1_000, -2),
					answered: null,
					outage: null,
					restored: false,
					held: null,
				},
			],
			notes: ["mended", "left out"],
			repairs: ["mended"],
			problems: [
				{
					type: "eds",
					family: "grpc",
					reason: "rejected",
					message: "no\u009b",
					since: "2026-11-24T12:00:00.000Z",
					rejectedBy: 1,
					ackedBy: 499,
				},
			],
			compare: null,
			pin: null,
		});
		expect(answer.json().services[0].problems).toEqual([]);
		expect((await ask(server, "/api/v1/services/b")).json().problems).toHaveLength(1);
		// The same value, but nothing that a terminal would obey.
		expect(answer.body).not.toContain("\u009b");
	});

	it("gives one service with its endpoints, null for what is absent", async () => {
		const bare = endpoint({ address: "10.0.0.2", port: 80, origin: { target: "inline" } });
		const service = fakeService("a", { endpoints: [FULL_ENDPOINT, bare, endpoint({ address: "10.0.0.3", port: 80 })] });
		await using server = await startServer(new FakeSources(service));
		const { items } = (await ask(server, "/api/v1/services/a")).json();
		expect(items[0]).toEqual({
			address: "10.0.0.1",
			port: 80,
			health: "healthy",
			weight: 100,
			priority: 0,
			locality: { region: "eu", zone: "a", subZone: "" },
			hostname: "h",
			additionalAddresses: [{ address: "fd00::1", port: 80 }],
			metadata: { v: "2" },
			origin: { target: "file:///f", object: "/f", revision: "7", at: "2026-11-24T12:00:00.000Z" },
			share: { envoy: 0.333333, grpc: 0.333333 },
			held: false,
		});
		expect(items[1]).toMatchObject({ health: "unknown", locality: null, hostname: null, metadata: null });
		expect(items[1].origin).toEqual({ target: "inline", object: null, revision: null, at: null });
		expect(items[2].origin).toBeNull();
	});

	it.each(["ns/name:http", "..", "a/../b", "a//b"])("finds the service %s, encoded or not", async (name) => {
		await using server = await startServer(new FakeSources(fakeService(name)));
		expect((await ask(server, `/api/v1/services/${name}`)).json().name).toBe(name);
		expect((await ask(server, `/api/v1/services/${encodeURIComponent(name)}`)).json().name).toBe(name);
	});

	it("answers 404 and 400 with an error in JSON", async () => {
		await using server = await startServer(new FakeSources(fakeService("a")));
		for (const [path, status, error] of [
			["/api/v1/services/b", 404, 'there is no service "b"'],
			["/api/v1/services/", 404, "there is no /api/v1/services/; / lists what there is"],
			["/nothing", 404, "there is no /nothing; / lists what there is"],
			["/api/v1/services/%zz", 400, '"%zz" has a broken percent escape'],
		] as const) {
			const answer = await ask(server, path);
			expect([answer.status, answer.json()]).toEqual([status, { error }]);
		}
	});

	it("says which methods a route takes, whatever it is asked for", async () => {
		await using server = await startServer(new FakeSources());
		const answer = await ask(server, "/api/v1/services", { method: "DELETE" });
		expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD"]);
		const refresh = await ask(server, "/api/v1/targets/refresh");
		expect([refresh.status, refresh.headers.allow]).toEqual([405, "POST"]);
	});

	it("answers HEAD like GET without the body", async () => {
		await using server = await startServer(new FakeSources(fakeService("a")));
		const get = await ask(server, "/api/v1/services");
		const head = await ask(server, "/api/v1/services", { method: "HEAD" });
		expect(head.status).toBe(200);
		expect(head.body).toBe("");
		expect(head.headers["content-length"]).toBe(String(Buffer.byteLength(get.body)));
	});

	it("lists the clients by stream, and hands on no field by accident", async () => {
		const sources = new FakeSources();
		const at = NOON;
		const types = {
			eds: {
				mode: "sotw",
				wildcard: false,
				names: ["a"],
				sent: { version: "2", at },
				acked: { version: "1", at },
				nacked: { version: "2", resources: ["a"], error: "no", at, searching: false },
				missing: [],
				asksNothing: false,
				synced: false,
				secret: "internal",
			},
		} as const;
		sources.connected = [fakeClient({ node: "z" }), fakeClient({ stream: 9, types }), fakeClient({ stream: 10 })];
		await using server = await startServer(sources);
		const { clients } = (await ask(server, "/api/v1/clients")).json();
		expect(clients.map((each: { node: string; stream: number }) => [each.node, each.stream])).toEqual([
			["z", 1],
			["envoy-1", 9],
			["envoy-1", 10],
		]);
		const iso = NOON.toISOString();
		expect(clients[1]).toEqual({
			node: "envoy-1",
			identity: null,
			stream: 9,
			family: "envoy",
			userAgent: "envoy 1.40.0",
			address: "127.0.0.1:50000",
			access: null,
			connectedAt: iso,
			locality: null,
			zone: null,
			group: null,
			features: [],
			types: {
				eds: {
					mode: "sotw",
					wildcard: false,
					counts: { names: 1, missing: 0 },
					names: ["a"],
					sent: { version: "2", at: iso },
					acked: { version: "1", at: iso },
					nacked: { version: "2", resources: ["a"], error: "no", searching: false, at: iso },
					missing: [],
					asksNothing: false,
					synced: false,
				},
			},
		});
	});

	it("is ready once no service is unknown, and says which are until then", async () => {
		const sources = new FakeSources(fakeService("a"), fakeService("z", { state: "unknown" }));
		await using server = await startServer(sources);
		const before = await ask(server, "/readyz");
		expect([before.status, before.json().unknown]).toEqual([503, ["z"]]);
		expect((await ask(server, "/healthz")).status).toBe(200);
		sources.all = [fakeService("a"), fakeService("z", { state: "stale" })];
		expect((await ask(server, "/readyz")).status).toBe(200);
	});

	it("stays ready once it can serve; ?strict tells of each service that is unknown", async () => {
		const sources = new FakeSources(fakeService("a"), fakeService("z", { state: "unknown" }));
		sources.canServe = () => true;
		await using server = await startServer(sources);
		expect((await ask(server, "/readyz")).status).toBe(200);
		const strict = await ask(server, "/readyz?strict");
		expect([strict.status, strict.json().unknown]).toEqual([503, ["z"]]);
		sources.all = [fakeService("a")];
		expect((await ask(server, "/readyz?strict")).status).toBe(200);
	});

	it("says of a service that is unknown what each of its targets says", async () => {
		const targets = [
			{ target: "dns:///a", state: "connecting", changes: 0 },
			{ target: "file:///b", state: "failed", lastError: { message: "gone", at: NOON }, staleSince: NOON, changes: 0 },
		] as const;
		await using server = await startServer(new FakeSources(fakeService("z", { state: "unknown", targets })));
		const message = "dns:///a: no answer yet; file:///b: gone";
		const nobody = { type: null, family: null, rejectedBy: null, ackedBy: null };
		const problem = { ...nobody, reason: "unknown", message, since: NOON.toISOString() };
		for (const path of ["/api/v1/services/z", "/api/v1/services"]) {
			const body = (await ask(server, path)).json();
			expect((body.services?.[0] ?? body).problems).toEqual([problem]);
		}
	});

	it("refreshes a known target, and only that", async () => {
		const sources = new FakeSources(fakeService("a"));
		await using server = await startServer(sources);
		const post = (path: string) => ask(server, `/api/v1/targets/refresh${path}`, { method: "POST", body: "x" });
		expect((await post("?target=static%3A%2F%2Fa:80")).status).toBe(202);
		expect((await post("?target=static://b:80")).status).toBe(404);
		expect((await post("")).status).toBe(400);
		expect(sources.refreshed).toEqual(["static://a:80"]);
	});

	it("shows a page that links what can be looked at", async () => {
		await using server = await startServer(new FakeSources());
		const page = await ask(server, "/");
		expect(page.headers["content-type"]).toContain("text/html");
		expect(page.body).toContain("Fingerpost 1.2.3");
		expect(page.headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self';");
		expect(page.body).toContain('<a href="/metrics">');
	});

	it("serves what the page loads, and no other file", async () => {
		await using server = await startServer(new FakeSources());
		const page = await ask(server, "/");
		const loaded = [...page.body.matchAll(/(?:href|src)="(\/page\/[^"]+)"/g)].map(([, path = ""]) => path);
		const main = await ask(server, "/page/main.js");
		const modules = [...main.body.matchAll(/from "\.\/([a-z]+\.js)"/g)].map(([, name]) => `/page/${name}`);
		expect(modules.length).toBeGreaterThan(5);
		for (const path of [...loaded, ...modules]) {
			const file = await ask(server, path);
			expect([path, file.status]).toEqual([path, 200]);
			expect(file.headers["content-type"]).toMatch(/^(text\/(css|javascript); charset=utf-8|image\/svg\+xml)$/);
		}
		for (const path of ["/page/..%2Fshell.ts", "/page/../page-routes.ts", "/page/none.js", "/page/"]) {
			expect([path, (await ask(server, path)).status]).toEqual([path, 404]);
		}
	});

	it("serves the metrics as text", async () => {
		await using server = await startServer(new FakeSources());
		const answer = await ask(server, "/metrics");
		expect(answer.headers["content-type"]).toContain("text/plain; version=0.0.4");
		expect(answer.body).toContain('fingerpost_build_info{version="1.2.3"');
	});

	it("has a heading in docs/admin-api.md for each route, and no other", () => {
		const docs = readFileSync(new URL("../../docs/admin-api.md", import.meta.url), "utf8");
		const headings = [...docs.matchAll(/^## ((?:GET|POST|PUT|DELETE) .*)$/gm)].map((match) => match[1]);
		expect(headings.sort()).toEqual(ADMIN_ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
	});
});

describe("the admin server", () => {
	it("on loopback serves only localhost and IP addresses, against DNS rebinding", async () => {
		await using server = await startServer(new FakeSources());
		const status = async (host: string) => (await ask(server, "/healthz", { headers: { host } })).status;
		expect(await status("evil.example")).toBe(403);
		expect(await status("evil.example:18001")).toBe(403);
		expect(await status("localhost.evil.example")).toBe(403);
		for (const host of ["localhost", "LOCALHOST:18001", "127.0.0.1:1", "[::1]:18001", "[::1]", "10.0.0.1"]) {
			expect([host, await status(host)]).toEqual([host, 200]);
		}
	});

	it("on all addresses serves any name", async () => {
		await using server = await startServer(new FakeSources(), { listen: { host: "0.0.0.0", port: 0 } });
		expect((await ask(server, "/healthz", { headers: { host: "fingerpost.svc" } })).status).toBe(200);
	});

	it("lets no page of another origin change anything", async () => {
		const sources = new FakeSources(fakeService("a"));
		await using server = await startServer(sources);
		const path = "/api/v1/targets/refresh?target=static://a:80";
		const post = (headers: Record<string, string>) => ask(server, path, { method: "POST", headers });
		expect((await post({ origin: "http://evil.example", host: "127.0.0.1:1" })).status).toBe(403);
		expect((await post({ origin: "null", host: "127.0.0.1:1" })).status).toBe(403);
		expect(sources.refreshed).toEqual([]);
		expect((await post({ origin: "http://127.0.0.1:1", host: "127.0.0.1:1" })).status).toBe(202);
	});

	it("hides what went wrong inside, and tells its owner", async () => {
		const sources = new FakeSources();
		sources.clients = () => {
			throw new Error("secret detail");
		};
		const errors: unknown[] = [];
		await using server = await startServer(sources, { onError: (error) => errors.push(error) });
		const answer = await ask(server, "/api/v1/clients");
		expect(answer.status).toBe(500);
		expect(answer.body).not.toContain("secret");
		expect(errors).toEqual([new Error("secret detail")]);
		expect((await ask(server, "/healthz")).status).toBe(200);
	});

	it("does not take in a body without end", async () => {
		await using server = await startServer(new FakeSources());
		const { port } = server.address as HostPort;
		const socket = connect(port, "127.0.0.1");
		const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
		socket.on("error", () => {});
		socket.write("POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n");
		const part = Buffer.alloc(16 * 1024);
		let sent = 0;
		const more = () => {
			if (socket.destroyed || sent > 64 * 1024 * 1024) return;
			sent += part.length;
			if (socket.write(part)) setImmediate(more);
			else socket.once("drain", more);
		};
		more();
		await closed;
		expect(sent).toBeLessThan(64 * 1024 * 1024);
	});

	it("says that a port is in use, and what to do", async () => {
		await using first = await startServer(new FakeSources());
		const { port } = first.address as HostPort;
		const second = startServer(new FakeSources(), { listen: { host: "127.0.0.1", port } });
		await expect(second).rejects.toMatchObject({
			code: "LISTEN_FAILED",
			message: `the admin API cannot listen on 127.0.0.1:${port}: the port is in use; choose another as admin.listen`,
		});
	});

	it("stops although a client keeps its connection open", async () => {
		const server = await startServer(new FakeSources());
		const { port } = server.address as HostPort;
		const socket = connect(port, "127.0.0.1");
		const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
		socket.on("error", () => {});
		// Half a request: the connection is neither idle nor ever to be answered.
		await new Promise<void>((resolve) => socket.write("GET / HTTP/1.1\r\n", () => resolve()));
		await ask(server, "/healthz");
		await server.stop();
		await closed;
		expect(server.address).toBeUndefined();
		await server.stop();
	});
});
