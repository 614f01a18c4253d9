import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeListServer, type ListReaction } from "../../../lab/fake-list-server.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import type { HttpOptions } from "../../../src/providers/http/http-options.js";
import { tempFolder } from "../../util/temp-folder.js";
import { heldClock } from "../held-clock.js";
import { type Followed, followTarget } from "../observed.js";
import { httpProvider, QUICK } from "./watching.js";

const A = "127.0.0.1:8001";
const B = "127.0.0.1:8002";
const { signal } = new AbortController();

let server: FakeListServer;

beforeEach(async () => {
	server = await FakeListServer.start();
	server.set("/web", [A]);
});

afterEach(async () => {
	await server[Symbol.asyncDispose]();
});

const target = () => `sd+http://127.0.0.1:${server.port}/web`;
const following = (given = {}, short: Partial<HttpOptions> = QUICK) =>
	followTarget(httpProvider(given, short), target());
const told = ({ until }: Followed, list: string) => until(`it is told "${list}"`, (o) => o.list === list);
const discover = (given = {}) => httpProvider(given).discover(parseTarget(target()), { signal });

describe("a list over HTTP", () => {
	it("is one of endpoints as in a file, in JSON or YAML", async () => {
		server.set("/web", `- ${A}\n- {address: "[::1]:81", weight: 5, health: draining, metadata: {v: "1"}}\n`);
		expect(await discover()).toMatchObject([
			{ address: "127.0.0.1", port: 8001, health: "healthy", weight: 100, origin: { target: target() } },
			{ address: "::1", port: 81, health: "draining", weight: 5, metadata: { v: "1" } },
		]);
	});

	it("is one of Prometheus' groups, whose labels are metadata but for those of its own", async () => {
		server.set("/web", [
			{ targets: ["10.0.0.1:80", "web.internal:81"], labels: { env: "prod", __meta_datacenter: "x", __meta_y: "z" } },
			{ targets: ["[::1]:82"], labels: { __meta_only: "x" } },
			{ targets: [], labels: {} },
			{ targets: ["10.0.0.2:80"] },
		]);
		const list = await discover();
		expect(list.map(({ address, port, health, metadata }) => [address, port, health, metadata])).toEqual([
			["10.0.0.1", 80, "healthy", { env: "prod" }],
			["web.internal", 81, "healthy", { env: "prod" }],
			["::1", 82, "healthy", undefined],
			["10.0.0.2", 80, "healthy", undefined],
		]);
		server.set("/web", [{ targets: [] }]);
		expect(await discover()).toEqual([]);
	});

	it.each<[string, ListReaction, RegExp]>([
		["404", { status: 404, body: "no such\nlist" }, /it answered 404 \(no such list\); only 200 with a list/],
		["204", { status: 204 }, /it answered 204;/],
		["206", { status: 206, body: `["${A}"]` }, /it answered 206/],
		["304 that nobody asked for", { status: 304 }, /it answered 304/],
		["500", { status: 500 }, /it answered 500/],
		["401", { status: 401 }, /it answered 401/],
		["an empty body", { body: "" }, /the list:1:1 the file is empty|empty/],
		["blanks", { body: " \n" }, /empty/],
		["null", { body: "null" }, /expected a list of endpoints/],
		["an object", { body: "{}" }, /expected a list of endpoints/],
		["a page", { body: "<html><body>Login</body></html>" }, /expected a list of endpoints/],
		["half of a list", { body: `["${A}", "127.0.` }, /the list:1:/],
		["one bad endpoint", { body: `["${A}", "127.0.0.1:0"]` }, /\[1\]: the port must be 1 to 65535/],
		["one bad target", { body: `[{"targets": ["${A}", "10.0.0.1"]}]` }, /\[0\]\.targets\[1\]: it has no port/],
		["a group with a wrong key", { body: '[{"targets": [], "label": {}}]' }, /unknown key "label"; did you mean/],
		["a group among endpoints", { body: `[{"targets": []}, "${A}"]` }, /\[1\]/],
		["a number for a label", { body: '[{"targets": [], "labels": {"a": 1}}]' }, /labels\.a/],
		["a body that breaks off", { body: `["${A}"]`, after: "break" }, /broke off/],
		[
			"a body that is shorter than it says",
			{ body: `["${A}"]`, headers: { "content-length": "90" }, after: "break" },
			/broke/,
		],
		["a coding that nobody asked for", { body: "x", headers: { "content-encoding": "br" } }, /coded as "br"/],
		[
			"a redirect to another host",
			{ status: 302, headers: { location: "http://localhost:1/x" } },
			/redirects to http:\/\/localhost:1, which/,
		],
		[
			"a redirect to another port",
			{ status: 301, headers: { location: "http://127.0.0.1:1/x" } },
			/which is not followed/,
		],
		["a redirect to itself", { status: 307, headers: { location: "/web" } }, /more than 5 times/],
		["a redirect to nowhere", { status: 308 }, /redirects to nowhere/],
		["no answer", { hangUp: true }, /the connection broke off/],
	])("is none where there is %s: what is known stays", async (_, reaction, problem) => {
		using clock = heldClock();
		using watched = following();
		await clock.until("it is told", () => watched.observed.list === A);
		server.react = () => reaction;
		await clock.advance(100);
		await clock.until("it fails", () => watched.observed.failures.length > 0);
		expect(watched.observed.failures[0]?.message).toMatch(problem);
		expect(watched.observed.failures[0]?.message).toContain(`cannot read http://127.0.0.1:${server.port}/web: `);
		expect(watched.observed.status.state).toBe("stale");
		expect(watched.observed.lists).toEqual([A]);
		server.react = () => undefined;
		server.set("/web", [B]);
		await clock.advance(3_000);
		await clock.until("it is told", () => watched.observed.list === B);
	});

	it("may be where its host has moved it to", async () => {
		server.set("/new/web", [B]);
		server.react = ({ path }) => (path === "/web" ? { status: 302, headers: { location: "/new/web" } } : undefined);
		expect(await discover()).toMatchObject([{ port: 8002 }]);
	});

	it("is not asked for in full again while its ETag is the same", async () => {
		server.react = ({ headers }) => {
			const etag = `"${server.list("/web")?.length}"`;
			if (headers["if-none-match"] === etag) return { status: 304, headers: { etag } };
			return { body: server.list("/web") ?? "", headers: { etag, "last-modified": "Sun, 29 Nov 2026 10:00:00 GMT" } };
		};
		using watched = following();
		await told(watched, A);
		await waitUntil("it is asked again", () => server.requests.length > 3);
		expect(server.requests.map(({ headers }) => headers["if-none-match"]).slice(0, 3)).toEqual([
			undefined,
			'"18"',
			'"18"',
		]);
		expect(watched.observed.status).toMatchObject({ state: "synced", changedAt: new Date("2026-11-29T10:00:00Z") });
		server.set("/web", [A, B]);
		await told(watched, `${A} ${B}`);
		expect(watched.observed.failures).toEqual([]);
	});

	it("has a limit on its size, also before it is unpacked", async () => {
		const long = JSON.stringify(Array.from({ length: 5_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}:80`));
		server.set("/web", long);
		await expect(discover({ maxBytes: 1_000 })).rejects.toThrow("larger than 1000 bytes");
		server.react = () => ({ body: gzipSync(long), headers: { "content-encoding": "gzip" } });
		expect(await discover()).toHaveLength(5_000);
		await expect(discover({ maxBytes: 50_000 })).rejects.toThrow("larger than 50000 bytes");
		server.react = () => ({ body: `["${A}"`, after: "stay" });
		await expect(discover({ timeout: "200ms" })).rejects.toThrow("no answer within 200ms");
		await waitUntil("nothing is open", async () => (await server.connections) === 0);
	});

	it.each([
		["max-age=5", 5],
		["public, max-age=60", 45],
		["max-age=0", 1],
		["no-store", 30],
		["max-age=86400", 45],
		["s-maxage=3", 30],
	])("holds as long as Cache-Control: %s says, within bounds: %d s", async (header, seconds) => {
		using clock = heldClock();
		server.headers = { "cache-control": header };
		using watched = following({}, {});
		await clock.until("it is told", () => watched.observed.list === A);
		await clock.advance(seconds * 1_000 - 200);
		expect(server.requests).toHaveLength(1);
		await clock.advance(400);
		expect(server.requests).toHaveLength(2);
	});

	it("brings a token from a file that is followed", async () => {
		await using folder = await tempFolder();
		const tokenFile = folder.file("token");
		// The wait after a failure is short.
		using _ = vi.spyOn(Math, "random").mockReturnValue(0.01);
		server.react = ({ headers }) => (headers.authorization === "Bearer two" ? undefined : { status: 401 });
		using watched = following({ tokenFile });
		const failing = (problem: string) =>
			watched.until(problem, ({ failures }) => failures.at(-1)?.message.includes(problem) ?? false);
		await failing(`${tokenFile} does not exist`);
		await writeFile(tokenFile, "\n");
		await failing(`${tokenFile} is empty`);
		await writeFile(tokenFile, "one two");
		await failing("there are blanks");
		await writeFile(tokenFile, "one\n");
		await failing("it answered 401");
		await writeFile(tokenFile, "two\n");
		await told(watched, A);
	});
});
