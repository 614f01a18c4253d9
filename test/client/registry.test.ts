import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { Client } from "../../src/client/client.js";
import { Registry } from "../../src/client/registry.js";
import { loadConfig } from "../../src/config/load.js";
import { addressOf } from "../../src/model/endpoint.js";
import type { WatchEvent } from "../../src/providers/watch/watch-events.js";
import { type FingerpostError, ServiceNotFound, SourceFailed } from "../../src/util/errors.js";
import { at } from "../catalog/fake-provider.js";
import { tempFolder } from "../util/temp-folder.js";
import { DiscoveringProvider } from "./discovering-provider.js";

const A = "fake:///a";

let provider: DiscoveringProvider;
let backup: DiscoveringProvider;
let registry: Registry;
let end: AbortController;

beforeEach(() => {
	provider = new DiscoveringProvider();
	backup = new DiscoveringProvider();
	end = new AbortController();
	registry = new Registry().register("fake", provider).register("backup", backup);
	registry.define({
		web: A,
		written: { endpoints: ["10.0.0.2:80", { address: "10.0.0.1:80", weight: 5 }] },
		both: { targets: [{ target: "backup:///b", priority: 1 }, A] },
		"127.0.0.1:80": "127.0.0.1:9999",
	});
});

afterEach(() => end.abort());

async function found(name: string): Promise<readonly string[]> {
	return (await registry.discover(name)).map(addressOf);
}

/** Follows a service until the test ends: the newest event, and all errors. */
function follow(name: string) {
	const seen: { event?: WatchEvent; events: number; errors: FingerpostError[] } = { events: 0, errors: [] };
	const events = registry.watch(name, { signal: end.signal, onError: (error) => seen.errors.push(error) });
	void (async () => {
		for await (const event of events) {
			seen.event = event;
			seen.events++;
		}
	})();
	return seen;
}

describe("a service that is looked up by its name", () => {
	it("has the endpoints of its target, with URL and readiness", async () => {
		provider.given = [2, at(1, { health: "unhealthy" })];
		expect(await registry.discover("web")).toMatchObject([
			{ address: "10.0.0.1", url: "http://10.0.0.1:80", ready: false },
			{ address: "10.0.0.2", url: "http://10.0.0.2:80", ready: true },
		]);
	});

	it("has the endpoints that are written out", async () => {
		expect(await registry.discover("written")).toMatchObject([
			{ address: "10.0.0.1", weight: 5, health: "healthy" },
			{ address: "10.0.0.2", weight: 100 },
		]);
	});

	it("has the endpoints of all its targets as clients get them: by priority, each address once", async () => {
		provider.given = [1, 2];
		backup.given = [2, 3, at(4, { health: "degraded" })];
		const endpoints = await registry.discover("both");
		// Of an address that both give, the target that is named first has it.
		expect(endpoints.map((e) => [addressOf(e), e.priority, e.ready])).toEqual([
			["10.0.0.1:80", 0, true],
			["10.0.0.2:80", 1, true],
			["10.0.0.3:80", 1, true],
			["10.0.0.4:80", 1, false],
		]);
	});

	it("is not found only where none of its targets is", async () => {
		const missing = new ServiceNotFound("nothing there");
		provider.given = missing;
		backup.given = [3];
		expect(await found("both")).toEqual(["10.0.0.3:80"]);
		backup.given = [];
		expect(await found("both")).toEqual([]);
		backup.given = missing;
		await expect(registry.discover("both")).rejects.toBe(missing);
	});

	it("fails where one of its targets does: what is known of the others is not all", async () => {
		const refused = new SourceFailed("refused");
		provider.given = refused;
		backup.given = [3];
		await expect(registry.discover("both")).rejects.toBe(refused);
	});

	it("wins over a target that is written alike", async () => {
		expect(await found("127.0.0.1:80")).toEqual(["127.0.0.1:9999"]);
		expect(await found("127.0.0.1:81")).toEqual(["127.0.0.1:81"]);
	});

	it("resolves host names by DNS", async () => {
		const dns = new DiscoveringProvider();
		dns.given = [7];
		registry.register("dns", dns).define({ named: { endpoints: [{ address: "web.internal:80", weight: 9 }] } });
		expect(await registry.discover("named")).toMatchObject([
			{ address: "10.0.0.7", hostname: "web.internal", weight: 9, url: "http://10.0.0.7:80" },
		]);
	});

	it("may have more endpoints than one target may bring", async () => {
		registry.maxEndpoints = 2;
		provider.given = [1, 2];
		backup.given = [3, 4];
		expect(await found("both")).toHaveLength(4);
		provider.given = [1, 2, 3];
		await expect(registry.discover("web")).rejects.toThrow("the source gives 3 endpoints, and a target may have 2");
	});
});

describe("a name that no service has", () => {
	it.each([
		["wbe", '"wbe" is neither a target, such as scheme://… or host:port, nor a service; did you mean "web"?'],
		["fake://%zz/%zz", "broken percent escape"],
	])("is refused at once: %s", async (name, message) => {
		await expect(registry.discover(name)).rejects.toMatchObject({
			code: "INVALID_TARGET",
			message: expect.stringContaining(message),
		});
		expect(() => registry.watch(name)).toThrow(message);
		expect(() => new Client(name, { registry })).toThrow(message);
	});

	it("is no service any more once others are defined", async () => {
		const before = registry.parse("web");
		registry.define({ other: A });
		await expect(registry.discover("web")).rejects.toThrow("nor a service");
		await expect(registry.discover(before)).rejects.toThrow();
	});
});

describe("a service that is watched by its name", () => {
	it("tells its endpoints once each target has answered, then each change", async () => {
		const seen = follow("both");
		await waitUntil("both are watched", () => provider.started(A) + backup.started("backup:///b") === 2);
		provider.answer(A, 1, 2);
		backup.answer("backup:///b", 3);
		await waitUntil("all are told", () => seen.events === 1);
		expect(seen.event?.endpoints.map(({ address, priority }) => [address, priority])).toEqual([
			["10.0.0.1", 0],
			["10.0.0.2", 0],
			["10.0.0.3", 1],
		]);
		provider.answer(A, 1);
		await waitUntil("the change is told", () => seen.events === 2);
		expect(seen.event).toMatchObject({ type: "delete", removed: [{ address: "10.0.0.2" }] });
	});

	it("keeps what it has while a target fails, and tells that once", async () => {
		const seen = follow("web");
		await waitUntil("it is watched", () => provider.started(A) === 1);
		provider.answer(A, 1);
		await waitUntil("it is told", () => seen.events === 1);
		provider.fail(A, "refused");
		await waitUntil("the failure is told", () => seen.errors.length === 1);
		expect(seen.errors[0]).toMatchObject({ code: "SOURCE_FAILED", message: `"${A}": refused` });
		provider.answer(A, 1, 2);
		await waitUntil("it has recovered", () => seen.events === 2);
		provider.fail(A, "refused");
		await waitUntil("the next failure is told", () => seen.errors.length === 2);
		expect(seen.event?.endpoints).toHaveLength(2);
	});

	it("tells a failure again after the target has answered in between, though it said the same", async () => {
		const seen = follow("web");
		await waitUntil("it is watched", () => provider.started(A) === 1);
		for (const count of [1, 2]) {
			provider.answer(A, 1);
			provider.fail(A, "refused");
			provider.fail(A, "refused");
			await waitUntil("the failure is told", () => seen.errors.length === count);
			provider.answer(A, 1);
			// A later turn: what is told at the end of one is the newest state.
			await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
		}
		expect([seen.events, seen.errors.length]).toEqual([1, 2]);
	});

	it("frees its targets when the watch ends", async () => {
		const seen = follow("web");
		await waitUntil("it is watched", () => provider.running(A) === 1);
		provider.answer(A, 1);
		await waitUntil("it is told", () => seen.events === 1);
		end.abort();
		expect(provider.running(A)).toBe(0);
	});

	it("hands a hint to look again on to its targets", () => {
		const hinted: string[] = [];
		Object.assign(provider, { refresh: ({ text }: { text: string }) => hinted.push(text) });
		registry.refresh("both");
		expect(hinted).toEqual([A]);
	});
});

describe("a client of a service", () => {
	it("connects to it by its name, and follows it", async () => {
		provider.given = [1];
		using client = await new Client("web", { registry }).connect();
		expect(client.next()).toMatchObject({ url: "http://10.0.0.1:80", ready: true });
		await waitUntil("it is watched", () => provider.started(A) === 1);
		provider.answer(A, 2);
		await waitUntil("it follows", () => client.next().address === "10.0.0.2");
		client.close();
		expect(provider.running(A)).toBe(0);
	});
});

describe("a registry of a config", () => {
	it("has the providers and services of one that was loaded, as it is", async () => {
		await using folder = await tempFolder();
		const list = folder.file("web.yaml");
		await writeFile(list, "[10.0.0.1:80, 10.0.0.2:80]");
		const path = folder.file("fingerpost.yaml");
		await writeFile(
			path,
			`maxEndpoints: 1\nproviders: {mine: {type: dns, servers: ["127.0.0.1:1"]}}\nservices: {web: "file://${list}", own: "mine:///web:80", one: 10.0.0.3:80}\n`,
		);
		const config = await loadConfig(path);
		const loaded = new Registry(config);
		expect(loaded.schemes).toContain("mine");
		expect(await loaded.discover("one")).toMatchObject([{ url: "http://10.0.0.3:80" }]);
		await expect(loaded.discover("web")).rejects.toThrow("a target may have 1");
		expect(loaded.parse("own").text).toBe("own");
		expect(await new Registry({ services: config.services }).discover("web")).toHaveLength(2);
	});

	it("tells every problem of services that a program writes, and of no file", () => {
		try {
			new Registry({ services: { web: "nope://x", b: { endpoints: ["10.0.0.1"] } } });
			expect.unreachable();
		} catch (error) {
			expect(error).toMatchObject({
				code: "INVALID_CONFIG",
				problems: [
					{ path: "services.web", message: expect.stringContaining('no provider for the scheme "nope"') },
					{ path: "services.b.endpoints[0]", message: expect.stringContaining("it has no port") },
				],
			});
			expect(Object.keys((error as { problems: object[] }).problems[0] ?? {})).toEqual(["path", "message"]);
		}
	});

	it("has none unless they are given", async () => {
		await expect(new Registry().discover("web")).rejects.toThrow(
			'"web" is not a target; expected scheme://… or host:port',
		);
		expect(await new Registry({ services: {} }).discover("127.0.0.1:80")).toHaveLength(1);
	});
});
