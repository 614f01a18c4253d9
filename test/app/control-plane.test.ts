import { type AddressInfo, createServer } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { pino } from "pino";
import { beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import type { Config } from "../../src/config/config.js";
import { DEFAULT_LIMITS } from "../../src/model/limits.js";
import type { ServiceDefinition } from "../../src/model/service.js";
import { at, definitions, FakeProvider, service } from "../catalog/fake-provider.js";

const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const A = "fake:///a";

let provider: FakeProvider;
let lines: { readonly level: string; readonly msg: string; readonly [field: string]: unknown }[];

beforeEach(() => {
	provider = new FakeProvider();
	lines = [];
});

const REST = { cluster: "fingerpost-rest", refreshDelay: 5_000 };

function config(services: readonly ServiceDefinition[], parts: Partial<Config> = {}): Config {
	return {
		xds: { cluster: "fingerpost-xds", listen: { host: "127.0.0.1", port: 0 }, limits: DEFAULT_LIMITS, rest: REST },
		admin: { listen: { host: "127.0.0.1", port: 0 } },
		removalGrace: 30_000,
		syncDeadline: 10_000,
		maxEndpoints: 50_000,
		providers: new Map(),
		services: definitions(...services),
		digest: "",
		...parts,
	};
}

function create(of: Config): ControlPlane {
	const log = pino(
		{ base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
		{ write: (line: string) => void lines.push(JSON.parse(line)) },
	);
	return new ControlPlane(of, { registry: provider.registry, log });
}

/** What keeps the process alive: sockets, servers, timers. */
function handles(): string[] {
	return process
		.getActiveResourcesInfo()
		.filter((name) => /^(TCP|Timeout|Immediate|FSEvent|StatWatcher)/.test(name))
		.sort();
}

/** Waits until nothing more is open than there was. */
async function freed(before: readonly string[]): Promise<void> {
	await waitUntil("everything is freed", () => {
		const rest = handles();
		// The probe itself runs between two timers.
		if (rest.length > before.length) throw new Error(rest.join());
		return true;
	});
}

async function getJson(port: number, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
	const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function portInUse(): Promise<{ port: number } & AsyncDisposable> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		port: (server.address() as AddressInfo).port,
		[Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
	};
}

describe("the control plane", () => {
	it("serves what the config says, on the ports that it tells", async () => {
		await using controlPlane = create(config([service("web", [], { endpoints: [at(1), at(2, { weight: 0 })] })]));
		const { xds, admin } = await controlPlane.start();
		expect(xds.port).toBeGreaterThan(0);
		expect(admin.port).toBeGreaterThan(0);
		expect(controlPlane.counts()).toEqual({ services: 1, endpoints: 2 });

		using stream = new XdsStream({ port: xds.port });
		stream.send({ type_url: EDS, node: { id: "one" }, resource_names: ["web"] });
		await stream.next("the assignment", () => true);
		expect((await getJson(admin.port, "/readyz")).status).toBe(200);
		const { body } = await getJson(admin.port, "/api/v1/services/web");
		expect(body).toMatchObject({
			state: "synced",
			endpoints: { total: 2, ready: 1 },
			notes: ["endpoint 10.0.0.2:80 has weight 0: it gets no traffic"],
		});
		expect(body.version).toMatch(/^[\w-]{11}$/);
		const clients = await getJson(admin.port, "/api/v1/clients");
		expect(clients.body).toMatchObject({
			clients: [{ node: "one", family: "envoy", types: { eds: { names: ["web"] } } }],
		});
		expect(lines.map(({ msg }) => msg)).toEqual(["service added", "client connected"]);
	});

	it("waits for the sources' first answers, but not for those that do not come", async () => {
		await using controlPlane = create(config([service("web", [A])]));
		let started = false;
		const starting = controlPlane.start().then((addresses) => {
			started = true;
			return addresses;
		});
		await new Promise((resolve) => setImmediate(resolve));
		expect(started).toBe(false);
		provider.answer(A, 1);
		await starting;
		expect(controlPlane.counts()).toEqual({ services: 1, endpoints: 1 });

		await using other = create(config([service("web", ["fake:///silent"])]));
		const { admin } = await other.start();
		expect(await getJson(admin.port, "/readyz")).toMatchObject({ status: 503, body: { unknown: ["web"] } });
	});

	it("pushes what a reload changes, and keeps the rest as it is", async () => {
		const kept = service("kept", [A]);
		await using controlPlane = create(config([kept, service("web", [], { endpoints: [at(1)] })]));
		const starting = controlPlane.start();
		provider.answer(A, 9);
		const { xds, admin } = await starting;
		using stream = new XdsStream({ port: xds.port });
		stream.send({ type_url: EDS, node: { id: "one" }, resource_names: ["kept", "web"] });
		const first = await stream.next("both assignments", () => true);
		expect(first.resources).toHaveLength(2);
		stream.send({ type_url: EDS, response_nonce: first.nonce, resource_names: ["kept", "web"] });

		lines.length = 0;
		controlPlane.reload(config([service("kept", [A]), service("web", [], { endpoints: [at(2)] })]));
		const second = await stream.next("the change", () => true, 1);
		expect(second.resources.map(({ name }) => name)).toEqual(["web"]);
		expect(provider.started(A)).toBe(1);
		expect(lines.map(({ msg }) => msg)).toEqual(["config reloaded", "service changed"]);
		const metrics = await (await fetch(`http://127.0.0.1:${admin.port}/metrics`)).text();
		expect(metrics).toMatch(/^fingerpost_config_reloads_total\{[^}]*success[^}]*\} \d+$/m);
	});

	it("warns that a changed address to listen on needs a restart", async () => {
		await using controlPlane = create(config([]));
		const { xds } = await controlPlane.start();
		controlPlane.reload(
			config([], {
				xds: { cluster: "fingerpost-xds", listen: { host: "127.0.0.1", port: 1 }, limits: DEFAULT_LIMITS, rest: REST },
			}),
		);
		expect(lines.filter(({ level }) => level === "warn")).toMatchObject([{ key: "xds.listen" }]);
		using stream = new XdsStream({ port: xds.port });
		stream.send({ type_url: EDS, node: { id: "one" }, resource_names: ["web"] });
		await stream.next("it still listens", () => true);
	});

	it("takes over the removal grace with the reload that removes", async () => {
		await using controlPlane = create(config([service("web", [], { endpoints: [at(1)] })]));
		const { admin } = await controlPlane.start();
		controlPlane.reload(config([], { removalGrace: 1 }));
		await waitUntil("the service is gone", async () => {
			return (await getJson(admin.port, "/api/v1/services/web")).status === 404;
		});
	});

	it("keeps everything when a new config is not valid", async () => {
		await using controlPlane = create(config([service("web", [], { endpoints: [at(1)] })]));
		await controlPlane.start();
		controlPlane.reloadFailed(new Error("services.web: nonsense"));
		expect(lines.at(-1)).toMatchObject({ level: "error", error: "services.web: nonsense" });
		expect(controlPlane.counts()).toEqual({ services: 1, endpoints: 1 });
	});

	it.each(["xds", "admin"] as const)("says that the %s port is in use, and frees everything", async (part) => {
		await using taken = await portInUse();
		const before = handles();
		const listen = { host: "127.0.0.1", port: taken.port };
		const controlPlane = create(
			config([service("web", [A])], { [part]: { listen, limits: DEFAULT_LIMITS, rest: REST } }),
		);
		const starting = controlPlane.start();
		provider.answer(A, 1);
		await expect(starting).rejects.toMatchObject({
			code: "LISTEN_FAILED",
			message: expect.stringContaining(`127.0.0.1:${taken.port}: the port is in use`),
		});
		expect(provider.running(A)).toBe(0);
		await freed(before);
		await controlPlane.stop();
	});

	it("frees everything by stop(), with a stream open, and a second stop() does no harm", async () => {
		const before = handles();
		const controlPlane = create(config([service("web", [A]), service("gone", ["fake:///b"])]));
		const starting = controlPlane.start();
		provider.answer(A, 1);
		provider.fail("fake:///b");
		const { xds } = await starting;
		const stream = new XdsStream({ port: xds.port });
		stream.send({ type_url: EDS, node: { id: "one" }, resource_names: ["web"] });
		await stream.next("the assignment", () => true);
		controlPlane.reload(config([service("web", [A])]));
		await controlPlane.stop();
		await controlPlane.stop();
		await stream.status;
		stream[Symbol.dispose]();
		expect([provider.running(A), provider.running("fake:///b")]).toEqual([0, 0]);
		await freed(before);
		expect(lines.at(-1)).toMatchObject({ msg: "client disconnected", node: "one" });
	});

	it("does not listen any more when it is stopped while it starts", async () => {
		const before = handles();
		const controlPlane = create(config([service("web", [A])]));
		const starting = controlPlane.start();
		const rejected = expect(starting).rejects.toMatchObject({ name: "AbortError" });
		await controlPlane.stop();
		await rejected;
		await freed(before);
		expect(provider.running(A)).toBe(0);
	});

	it("does not listen any more at whatever turn of its start it is stopped", async () => {
		const before = handles();
		for (let turns = 0; turns < 40; turns++) {
			const controlPlane = create(config([]));
			const starting = controlPlane.start().catch((reason: Error) => reason.name);
			for (let i = 0; i < turns; i++) await turn();
			await controlPlane.stop();
			const started = await starting;
			if (typeof started === "string") expect(started).toBe("AbortError");
			await freed(before);
		}
	});
});
