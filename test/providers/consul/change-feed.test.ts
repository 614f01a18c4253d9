import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConsulInstance, FakeConsul } from "../../../lab/fake-consul.js";
import { heldClock } from "../held-clock.js";
import { type Followed, followTarget } from "../observed.js";
import { consulProvider } from "./watching.js";

const A = "127.0.0.1:8001";
const B = "127.0.0.1:8002";
const NAMES = Array.from({ length: 30 }, (_, i) => `web-${i}`);
const HEALTH = /^\/v1\/health\/service\/(.*)$/;

let consul: FakeConsul;
let clock: ReturnType<typeof heldClock>;
let all: readonly Followed[];

/** 30 services and 10 queries: what rests is not asked for 22.5 s at least, and 37.5 s at most. */
beforeEach(async () => {
	consul = await FakeConsul.start();
	for (const name of NAMES) consul.replace(name, A);
	clock = heldClock();
	const provider = consulProvider(consul.url, { maxQueries: 10 });
	all = NAMES.map((name) => followTarget(provider, `consul:///${name}`));
	await passUntil("all rest", allRest);
});

/** Whether the two queries of the feed wait, and each service was asked for by one that does not. */
function allRest(): boolean {
	const lastWait = new Map(consul.requests.map(({ path, query }) => [path, query.get("wait")]));
	return consul.blocked === 2 && NAMES.every((name) => lastWait.get(`/v1/health/service/${name}`) === "10ms");
}

afterEach(async () => {
	expect(consul.most).toBeLessThanOrEqual(10);
	for (const { abort } of all) abort();
	clock[Symbol.dispose]();
	await consul[Symbol.asyncDispose]();
});

/** Lets time pass, as little as it takes and 10 s at most, until the probe is true. */
async function passUntil(what: string, probe: () => boolean): Promise<void> {
	for (let passed = 0; passed < 10_000 && !probe(); passed += 100) await clock.advance(100);
	await clock.until(what, probe);
}

const service = (n: number) => all[n] as Followed;
/** The services that were asked for since so many requests. */
const askedSince = (count: number) => consul.requests.slice(count).flatMap(({ path }) => HEALTH.exec(path)?.[1] ?? []);

/** The first endpoint of the service as it is told: health, weight, metadata. */
function first(n: number): string {
	const [found] = service(n).observed.endpoints;
	return found ? `${found.health} ${found.weight} ${JSON.stringify(found.metadata ?? {})}` : "";
}

describe("of more services than queries", () => {
	it.each<[string, readonly (string | ConsulInstance)[], string]>([
		["no instance", [], ""],
		["another weight", [{ address: A, Service: { Weights: { Passing: 7, Warning: 1 } } }], "healthy 7 {}"],
		["other metadata", [{ address: A, Service: { Meta: { version: "2" } } }], 'healthy 100 {"version":"2"}'],
	])("each is asked once at most, until the one is found that has %s", async (_, instances, expected) => {
		const before = consul.requests.length;
		consul.set("web-17", ...instances);
		await passUntil("it is told", () => first(17) === expected);
		await clock.advance(2_000);
		const asked = askedSince(before);
		// One that is gone from the list is asked before all others, and may be again.
		expect(asked.length - new Set(asked).size).toBeLessThanOrEqual(1);
		expect(all.flatMap(({ observed }) => observed.failures)).toEqual([]);
	});

	it("only those are asked of which a check has changed", async () => {
		const check = (Status: string) => ({ address: A, Checks: [{ CheckID: "c", Status }] });
		for (const [status, health] of [
			["critical", "unhealthy"],
			["passing", "healthy"],
		] as const) {
			const before = consul.requests.length;
			consul.replace("web-17", check(status));
			consul.tellChecks();
			await passUntil("it is told", () => first(17).startsWith(health));
			expect(new Set(askedSince(before))).toEqual(new Set(["web-17"]));
		}
	});

	it("those are asked that are on a node of which a check has changed", async () => {
		const there = { address: A, Node: { Node: "node-2" }, Service: { Meta: { moved: "yes" } } };
		consul.set("web-3", there);
		await passUntil("it is told", () => first(3).includes("moved"));
		await passUntil("the two queries wait", () => consul.blocked === 2);
		const before = consul.requests.length;
		const Checks = [{ Node: "node-2", CheckID: "_node_maintenance", Status: "critical" }];
		consul.replace("web-3", { ...there, Checks });
		consul.react = ({ path }) =>
			path === "/v1/health/state/any"
				? { body: [{ Node: "node-2", CheckID: "_node_maintenance", Status: "critical", ServiceName: "" }] }
				: undefined;
		consul.tellChecks();
		await passUntil("it is told", () => first(3).startsWith("draining"));
		expect(new Set(askedSince(before))).toEqual(new Set(["web-3"]));
	});

	it("each has turns again where the checks cannot be asked for, so that nothing is missed", async () => {
		consul.react = ({ path }) => (path === "/v1/health/state/any" ? { status: 500, body: "no" } : undefined);
		const before = consul.requests.length;
		consul.tellChecks();
		await passUntil("the checks are refused", () =>
			consul.requests.slice(before).some(({ path }) => path === "/v1/health/state/any"),
		);
		consul.replace("web-17", B);
		await passUntil("it is told", () => service(17).observed.list === B);
		expect(all.flatMap(({ observed }) => observed.failures)).toEqual([]);
	});

	it("each is asked every 30 s, a fourth more or less, so that nothing is missed that no index tells", async () => {
		const Node = { Node: "node-1", Address: "127.0.0.2" };
		const body = [{ Node, Service: { ID: "web-17-8001", Address: "", Port: 8001 } }];
		const headers = { "x-consul-index": String(consul.lastIndex + 1) };
		consul.react = ({ path }) => (path === "/v1/health/service/web-17" ? { body, headers } : undefined);
		const before = consul.requests.length;
		// Until they rested, up to 10 s have passed.
		await clock.advance(12_000);
		expect(askedSince(before)).toEqual([]);
		await clock.advance(26_000);
		expect(service(17).observed.list).toBe("127.0.0.2:8001");
		const asked = askedSince(before);
		expect(new Set(asked)).toEqual(new Set(NAMES));
		expect(asked.length).toBeLessThanOrEqual(2 * NAMES.length);
	});
});
