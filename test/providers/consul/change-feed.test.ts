import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConsulInstance, FakeConsul } from "../../../lab/fake-consul.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { type Followed, followTarget } from "../observed.js";
import { consulProvider } from "./watching.js";

const A = "127.0.0.1:8001";
const B = "127.0.0.1:8002";
const NAMES = Array.from({ length: 30 }, (_, i) => `web-${i}`);
const HEALTH = /^\/v1\/health\/service\/(.*)$/;

let consul: FakeConsul;
let all: readonly Followed[];

/** 30 services and 10 queries: what rests is not asked for 22 s at least. */
beforeEach(async () => {
	consul = await FakeConsul.start();
	for (const name of NAMES) consul.replace(name, A);
	const provider = consulProvider(consul.url, { maxQueries: 10 });
	all = NAMES.map((name) => followTarget(provider, `consul:///${name}`));
	await waitUntil("all are there", () => all.every(({ observed }) => observed.list === A));
	await waitUntil("all rest", allRest);
});

/** Whether the two queries of the feed wait, and each service was asked for by one that does not. */
function allRest(): boolean {
	const lastWait = new Map(consul.requests.map(({ path, query }) => [path, query.get("wait")]));
	return consul.blocked === 2 && NAMES.every((name) => lastWait.get(`/v1/health/service/${name}`) === "10ms");
}

afterEach(async () => {
	expect(consul.most).toBeLessThanOrEqual(10);
	for (const { abort } of all) abort();
	await consul[Symbol.asyncDispose]();
});

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
	])("all are asked, and not again and again, until the one is found that has %s", async (_, instances, expected) => {
		const before = consul.requests.length;
		consul.set("web-17", ...instances);
		await waitUntil("it is told", () => first(17) === expected);
		// One that is gone from the list is asked before all others; some may not have been at rest yet.
		expect(askedSince(before).length).toBeLessThanOrEqual(2 * NAMES.length);
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
			await waitUntil("it is told", () => first(17).startsWith(health));
			expect(new Set(askedSince(before))).toEqual(new Set(["web-17"]));
		}
	});

	it("those are asked that are on a node of which a check has changed", async () => {
		const there = { address: A, Node: { Node: "node-2" }, Service: { Meta: { moved: "yes" } } };
		consul.set("web-3", there);
		await waitUntil("it is told", () => first(3).includes("moved"));
		await waitUntil("the two queries wait", () => consul.blocked === 2);
		const before = consul.requests.length;
		const Checks = [{ Node: "node-2", CheckID: "_node_maintenance", Status: "critical" }];
		consul.replace("web-3", { ...there, Checks });
		consul.react = ({ path }) =>
			path === "/v1/health/state/any"
				? { body: [{ Node: "node-2", CheckID: "_node_maintenance", Status: "critical", ServiceName: "" }] }
				: undefined;
		consul.tellChecks();
		await waitUntil("it is told", () => first(3).startsWith("draining"));
		expect(askedSince(before)).toContain("web-3");
	});

	it("each has turns again where the checks cannot be asked for, so that nothing is missed", async () => {
		consul.react = ({ path }) => (path === "/v1/health/state/any" ? { status: 500, body: "no" } : undefined);
		const before = consul.requests.length;
		consul.tellChecks();
		await waitUntil("the checks are refused", () =>
			consul.requests.slice(before).some(({ path }) => path === "/v1/health/state/any"),
		);
		consul.replace("web-17", B);
		await waitUntil("it is told", () => service(17).observed.list === B);
		expect(all.flatMap(({ observed }) => observed.failures)).toEqual([]);
	});
});
