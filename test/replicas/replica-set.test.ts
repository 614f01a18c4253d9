import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { healthRoutes } from "../../src/admin/admin-routes.js";
import { AdminServer } from "../../src/admin/admin-server.js";
import { AdminTokens } from "../../src/admin/guard/admin-tokens.js";
import { Metrics } from "../../src/admin/metrics/metrics.js";
import { OwnDemand } from "../../src/cache/zones/own-demand.js";
import { ReplicaSet } from "../../src/replicas/replica-set.js";
import type { ReplicaSettings } from "../../src/replicas/replica-settings.js";
import { FakeSources, fakeService } from "../admin/fake-sources.js";

const TIMES = { wait: 2_000, pace: 1, keep: 500, self: 50, lookUp: 50 };

/** A replica without xDS: what it knows of its own clients, its admin API, and what it hears of others. */
class TestReplica implements AsyncDisposable {
	readonly own = new OwnDemand();
	readonly told: string[] = [];
	readonly set: ReplicaSet;
	readonly #end = new AbortController();
	readonly #server: AdminServer;

	private constructor(
		tokens: AdminTokens | undefined,
		routes: ReturnType<typeof healthRoutes> | undefined,
		keep: number,
	) {
		const events = {
			changed: ({ state }: { state: string }) => this.told.push(state),
			lookUpFailed: (name: string, error: string) => this.told.push(`${name}: ${error}`),
			known: (isKnown: boolean) => this.told.push(isKnown ? "known" : "unknown"),
		};
		this.set = new ReplicaSet(events, () => 4, { ...TIMES, keep });
		const { set, own } = this;
		const source = {
			...{ id: set.self, own },
			get isShared() {
				return set.isShared;
			},
		};
		const sources = Object.assign(new FakeSources(fakeService("web")), {
			demand: source,
			replicas: () => ({ known: set.demand.isKnown, replicas: set.states() }),
		});
		const listen = { host: "127.0.0.1", port: 0 };
		this.#server = new AdminServer({
			listen,
			sources,
			metrics: new Metrics(sources),
			tokens,
			...(routes && { routes }),
		});
	}

	static async start({ tokens, routes, keep = TIMES.keep, settings }: Options = {}): Promise<TestReplica> {
		const replica = new TestReplica(tokens, routes, keep);
		await replica.#server.start();
		replica.set.apply(settings);
		replica.set.start(replica.#end.signal);
		return replica;
	}

	get port(): number {
		return this.#server.address?.port ?? 0;
	}

	has(...clients: readonly [service: string, zone: string, clients: number][]): void {
		for (const [service, zone, count] of clients) this.own.note(service, [{ region: "eu", zone, clients: count }]);
		this.own.commit();
	}

	/** `a 2/3`: of the zone 2 are there, and 3 may be. */
	hears(service: string): string {
		return [...this.set.demand.of(service)].map(({ zone, clients, most }) => `${zone} ${clients}/${most}`).join(", ");
	}

	states(): string {
		return this.set
			.states()
			.map(({ state }) => state)
			.join(" ");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#end.abort();
		this.own.close();
		await this.#server.stop();
	}
}

interface Options {
	readonly tokens?: AdminTokens;
	readonly routes?: ReturnType<typeof healthRoutes>;
	readonly keep?: number;
	/** From the start on. */
	readonly settings?: ReplicaSettings;
}

function at(...ports: readonly number[]): ReplicaSettings {
	return { admin: ports.map((port) => ({ host: "127.0.0.1", port, tls: false })) };
}

async function serve(answer: (server: Server) => void): Promise<Server & AsyncDisposable> {
	const server = createServer();
	answer(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return Object.assign(server, {
		[Symbol.asyncDispose]: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	});
}

describe("replicas", () => {
	it("hear what changes at each other, and never themselves", async () => {
		await using one = await TestReplica.start();
		await using two = await TestReplica.start();
		one.has(["web", "a", 3]);
		for (const each of [one, two]) each.set.apply(at(one.port, two.port));
		await waitUntil("each knows which it is", () => one.states() === "self synced" && two.states() === "synced self");
		expect([one.hears("web"), two.hears("web")]).toEqual(["", "a 3/3"]);
		two.has(["web", "b", 1], ["api", "b", 2]);
		one.has(["web", "a", 4]);
		await waitUntil("both have heard", () => one.hears("web") === "b 1/1" && two.hears("web") === "a 4/4");
		expect([...one.set.demand.takeChanged()].toSorted()).toEqual(["api", "web"]);
		two.own.note("api", []);
		two.has();
		await waitUntil("what is gone is gone", () => one.hears("api") === "");
		expect([one.told, one.set.demand.isKnown]).toEqual([["self", "synced"], true]);
	});

	it("that end count for a while as those who may be there, and then no more", async () => {
		await using one = await TestReplica.start({ keep: 4_000 });
		{
			await using two = await TestReplica.start();
			two.has(["web", "b", 2]);
			one.set.apply(at(two.port));
			await waitUntil("it is heard", () => one.hears("web") === "b 2/2");
		}
		await waitUntil("it may still be there", () => one.hears("web") === "b 0/2");
		expect([one.states(), one.set.demand.isKnown, one.set.states()[0]?.clients]).toEqual(["stale", true, 2]);
		await waitUntil("it counts no more", () => one.hears("web") === "");
		// Nothing listens there: it has no clients.
		expect([one.states(), one.set.demand.isKnown]).toEqual(["failed", true]);
		expect(one.told).toEqual(["synced", "stale", "failed"]);
	});

	it("that answer otherwise say nothing: where their clients are is not known", async () => {
		await using one = await TestReplica.start();
		let status = 200;
		const zones = ["a", "b", "c", "d", "e"].map((zone) => ({ region: "", zone, clients: 1 }));
		const text = (count: number) =>
			JSON.stringify({ replica: "x", version: 1, since: 0, services: [{ name: "web", zones: zones.slice(0, count) }] });
		let body = text(5);
		await using other = await serve((server) =>
			server.on("request", (_, response) => void response.writeHead(status).end(body)),
		);
		one.set.apply(at((other.address() as AddressInfo).port));
		await waitUntil("it has failed", () => one.states() === "failed");
		expect(one.set.states()[0]?.error).toContain("more than 4 zones");
		expect([one.set.demand.isKnown, one.told]).toEqual([false, ["failed", "unknown"]]);
		body = text(4);
		await waitUntil("it is heard", () => one.hears("web") === "a 1/1, b 1/1, c 1/1, d 1/1");
		status = 500;
		await waitUntil("it has failed again", () => one.states() === "failed");
		expect([one.set.demand.isKnown, one.hears("web")]).toEqual([false, ""]);
		expect(one.told.slice(-2).toSorted()).toEqual(["failed", "unknown"]);
	});

	it("that are another process at the same address are heard from the beginning", async () => {
		await using one = await TestReplica.start({ keep: 60_000 });
		let replica = "x";
		const questions: string[] = [];
		await using other = await serve((server) =>
			server.on("request", ({ url }, response) => {
				questions.push(url ?? "");
				const services = [{ name: replica === "x" ? "web" : "api", zones: [{ region: "", zone: "a", clients: 1 }] }];
				response.end(JSON.stringify({ replica, version: 7, since: 0, services }));
			}),
		);
		one.set.apply(at((other.address() as AddressInfo).port));
		await waitUntil("it is heard", () => one.hears("web") === "a 1/1" && questions.length > 1);
		expect(questions.slice(0, 2)).toEqual(["/api/v1/demand?wait=0ms", "/api/v1/demand?replica=x&since=7&wait=2000ms"]);
		replica = "y";
		await waitUntil("the new one is heard", () => one.hears("api") === "a 1/1");
		expect(one.hears("web")).toBe("");
	});

	it("are asked with a token where one is needed", async () => {
		const folder = await mkdtemp(join(tmpdir(), "fingerpost-replicas-"));
		const [file, end] = [join(folder, "viewer"), new AbortController()];
		await writeFile(file, "secret\n");
		const tokens = new AdminTokens({ viewer: file }, { changed: () => {}, failed: () => {} });
		await tokens.start(end.signal);
		await using one = await TestReplica.start();
		await using two = await TestReplica.start({ tokens });
		two.has(["web", "a", 1]);
		one.set.apply(at(two.port));
		await waitUntil("it is refused", () => one.set.states()[0]?.error?.includes("401"));
		one.set.apply({ ...at(two.port), tokenFile: file });
		await waitUntil("it is heard", () => one.hears("web") === "a 1/1");
		end.abort();
		await rm(folder, { recursive: true });
	});

	it("are found by name, and told of where there is none", async () => {
		await using one = await TestReplica.start();
		await using two = await TestReplica.start();
		two.has(["web", "a", 1]);
		const names = ["localhost", "nobody.invalid"].map((host) => ({ host, port: two.port, tls: false }));
		one.set.apply({ admin: names });
		await waitUntil("one is heard, and the other not found", () => one.hears("web") === "a 1/1" && one.set.states()[1]);
		expect(one.set.states().map(({ address, state }) => `${address} ${state}`)).toEqual([
			`localhost:${two.port} synced`,
			`nobody.invalid:${two.port} failed`,
		]);
		one.set.apply(undefined);
		await waitUntil("nobody is asked", () => one.hears("web") === "" && one.states() === "");
		expect(one.set.demand.isKnown).toBe(true);
	});

	it("of whom nobody listens anywhere leave each to count its own, after a while", async () => {
		const gone = await serve(() => {});
		const { port } = gone.address() as AddressInfo;
		await gone[Symbol.asyncDispose]();
		await using one = await TestReplica.start({ settings: at(port) });
		expect(one.set.demand.isKnown).toBe(false);
		await waitUntil("it counts its own", () => one.set.demand.isKnown);
		expect(one.told.at(-1)).toBe("known");
		expect(one.states()).toBe("failed");
	});
});

describe("the health port", () => {
	it("tells numbers of clients only while there are replicas that ask", async () => {
		await using one = await TestReplica.start({ routes: healthRoutes(true) });
		await using bare = await TestReplica.start({ routes: healthRoutes(false) });
		const status = async ({ port }: TestReplica) => (await fetch(`http://127.0.0.1:${port}/api/v1/demand`)).status;
		expect([await status(one), await status(bare)]).toEqual([404, 404]);
		for (const each of [one, bare]) each.set.apply(at(each.port));
		expect([await status(one), await status(bare)]).toEqual([200, 404]);
	});
});
