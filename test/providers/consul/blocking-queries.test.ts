import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentReaction, AgentRequest } from "../../../lab/fake-agent.js";
import { FakeConsul } from "../../../lab/fake-consul.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { heldClock } from "../held-clock.js";
import { type Followed, followTarget } from "../observed.js";
import { consulProvider } from "./watching.js";

let consul: FakeConsul;
const A = "127.0.0.1:8001";
const B = "127.0.0.1:8002";

beforeEach(async () => {
	consul = await FakeConsul.start();
	consul.set("web", A);
});

afterEach(async () => {
	await consul[Symbol.asyncDispose]();
});

const following = (text = "consul:///web", given = {}) => followTarget(consulProvider(consul.url, given), text);
const told = ({ until }: Followed, list: string) => until(`it is told "${list}"`, (o) => o.list === list);
const state = ({ until }: Followed, wanted: string) =>
	until(`it is ${wanted}`, ({ status }) => status.state === wanted);
const isBlocking = ({ query }: AgentRequest) => query.has("index");

describe("blocking queries", () => {
	it("ask for what is there, then for what is new, with all that is set", async () => {
		const given = { token: "secret", datacenter: "dc1", namespace: "n", partition: "p", stale: true };
		using watched = following("consul:///web?dc=dc2&near=_agent&tag=x&filter=a", given);
		await waitUntil("one waits", () => consul.blocked === 1);
		await told(watched, "");
		const [first, second] = consul.requests.map(({ path, token, query }) => [path, token, query.toString()]);
		const options = "dc=dc2&ns=n&partition=p&stale=&filter=a&near=_agent";
		expect(first).toEqual(["/v1/health/service/web", "secret", options]);
		expect(second).toEqual(["/v1/health/service/web", "secret", `${options}&index=${consul.lastIndex}&wait=40s`]);
	});

	it("are one for a service, however many targets have it", async () => {
		const it = consulProvider(consul.url);
		consul.set("web", { address: A, Service: { Tags: ["v1"] } }, { address: B, Service: { Tags: ["v2"] } });
		using all = followTarget(it, "consul:///web");
		using one = followTarget(it, "consul:///web?tag=v1");
		using two = followTarget(it, "consul:///web?tag=v2");
		await Promise.all([told(all, `${A} ${B}`), told(one, A), told(two, B)]);
		await waitUntil("one waits", () => consul.blocked === 1);
		expect(consul.requests).toHaveLength(2);
	});

	it("begin anew at once when the index goes backwards", async () => {
		using watched = following();
		await waitUntil("one waits", () => consul.blocked === 1);
		consul.replace("web", B);
		consul.rewind(7);
		consul.answerAll();
		await told(watched, B);
		await waitUntil("one waits again", () => consul.blocked === 1);
		expect(consul.requests.map(({ query }) => query.get("index"))).toEqual([null, "101", null, "7"]);
		expect(watched.observed.failures).toEqual([]);
	});

	it("begin anew after a connection broke: another server may answer, whose index is lower", async () => {
		using watched = following();
		await waitUntil("one waits", () => consul.blocked === 1);
		consul.replace("web", B);
		consul.rewind(7);
		consul.breakAll();
		await told(watched, B);
		expect(consul.requests.slice(0, 3).map(({ query }) => query.get("index"))).toEqual([null, "101", null]);
	});

	it("say of a list that is not empty what the token may not read", async () => {
		consul.react = () => ({ headers: { "x-consul-results-filtered-by-acls": "true" } });
		using watched = following();
		await told(watched, A);
		expect(watched.observed.notes).toEqual([expect.stringContaining("whose nodes the token may not read")]);
	});

	it("believe nothing that comes with the index that was asked for", async () => {
		using watched = following();
		await waitUntil("one waits", () => consul.blocked === 1);
		consul.react = (asked) => (isBlocking(asked) ? { body: [], headers: { "x-consul-index": "101" } } : undefined);
		consul.answerAll();
		await waitUntil("it is asked again", () => consul.requests.length > 3);
		expect(watched.observed.lists).toEqual([A]);
		expect(watched.observed.status.state).toBe("synced");
	});

	it.each<[string, AgentReaction, RegExp]>([
		[
			"the filtered header",
			{ headers: { "x-consul-results-filtered-by-acls": "true" } },
			/allow service:read on "web"/,
		],
		["a server without a leader", { headers: { "x-consul-knownleader": "false" } }, /knows no leader/],
	])("take an empty answer with %s for a failure, new index or not", async (_, reaction, problem) => {
		using watched = following();
		await told(watched, A);
		for (const index of [consul.lastIndex, consul.lastIndex + 5]) {
			const headers = { ...reaction.headers, "x-consul-index": String(index) };
			consul.react = (asked) => (isBlocking(asked) ? { body: [], headers } : undefined);
			consul.answerAll();
			await watched.until("it is told", ({ failures }) => problem.test(failures.at(-1)?.message ?? ""));
			consul.react = () => undefined;
			await state(watched, "synced");
		}
		expect(watched.observed.lists).toEqual([A]);
	});

	it.each<[string, AgentReaction, "failed" | ""]>([
		["refuses", { body: [{ Allow: false }] }, "failed"],
		["allows", { body: [{ Allow: true }, { Allow: true }] }, ""],
		["has ACLs off", { status: 401, body: "ACL support disabled" }, ""],
		["does not know the question", { status: 404 }, ""],
		["fails", { status: 500, body: "rpc error" }, "failed"],
		["answers something else", { body: "{}" }, "failed"],
	])(
		"ask whether an empty list may be read, where what is not allowed is denied, and the agent %s",
		async (_, said, end) => {
			consul.react = ({ path }) =>
				path === "/v1/internal/acl/authorize" ? said : { body: [], headers: { "x-consul-default-acl-policy": "deny" } };
			using watched = following();
			await watched.until("it ends", ({ status, list }) => (end === "failed" ? status.state === end : list === end));
		},
	);

	it("believe no empty list where the right to read the service came after it", async () => {
		let mayRead = false;
		consul.react = ({ path }) => {
			if (path !== "/v1/internal/acl/authorize") {
				return mayRead ? undefined : { body: [], headers: { "x-consul-default-acl-policy": "deny" } };
			}
			mayRead = true;
			return { body: [{ Allow: true }, { Allow: true }] };
		};
		using watched = following();
		await told(watched, A);
		expect([watched.observed.lists, watched.observed.failures]).toEqual([[A], []]);
	});

	it.each<[string, AgentReaction, RegExp]>([
		["500", { status: 500, body: "No cluster leader\n" }, /it answered 500 \(No cluster leader\)$/],
		["403", { status: 403, body: "ACL not found" }, /403 \(ACL not found\); check the token and its rights/],
		["429", { status: 429 }, /it answered 429/],
		["a redirect", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, /it answered 302/],
		["no index", { headers: { "x-consul-index": "" } }, /no X-Consul-Index/],
		["the index 0", { headers: { "x-consul-index": "0" } }, /no X-Consul-Index/],
		["HTML", { body: "<html>" }, /is no list of instances/],
		["null", { body: "null" }, /is no list of instances/],
		["an object", { body: {} }, /is no list of instances/],
		["half of a list", { body: '[{"Node":{' }, /is no list of instances/],
		["nothing", { hangUp: true }, /the connection broke off/],
	])("fail by %s, keep the list, and ask once a second at most", async (_, reaction, problem) => {
		using clock = heldClock();
		using watched = following();
		await clock.until("it is told", () => watched.observed.list === A);
		consul.react = () => reaction;
		consul.breakAll();
		const before = consul.requests.length;
		await clock.advance(30_000);
		const times = consul.requests.slice(before).map(({ at }) => at);
		expect(times.length).toBeGreaterThan(1);
		for (const [i, at] of times.entries()) if (i > 0) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(1_000);
		expect(watched.observed.lists).toEqual([A]);
		expect(watched.observed.failures.at(-1)?.message).toMatch(problem);
		expect(watched.observed.failures.at(-1)?.message).toContain(`service "web" of Consul at ${consul.url}`);
	});

	it.each<[string, (asked: AgentRequest) => AgentReaction | undefined]>([
		["stands still", (asked) => (isBlocking(asked) ? { headers: { "x-consul-index": "101" } } : undefined)],
		["goes back again and again", ({ index }) => ({ headers: { "x-consul-index": String(index % 2 ? 5 : 9) } })],
		["rises without a change", ({ index }) => ({ headers: { "x-consul-index": String(1_000 + index) } })],
	])("are in no tight loop when the index %s", async (_, react) => {
		using clock = heldClock();
		consul.react = react;
		using watched = following();
		await clock.until("it is told", () => watched.observed.list === A);
		const before = consul.requests.length;
		await clock.advance(30_000);
		expect(consul.requests.length - before).toBeLessThanOrEqual(35);
		expect(watched.observed.lists).toEqual([A]);
	});

	it("take turns where there are more services than queries may run", async () => {
		const names = Array.from({ length: 12 }, (_, i) => `web-${i}`);
		for (const name of names) consul.set(name, A);
		const it = consulProvider(consul.url, { maxQueries: 3 });
		const all = names.map((name) => followTarget(it, `consul:///${name}`));
		await Promise.all(all.map((each) => told(each, A)));
		// Each is asked again, also the last ones.
		for (const name of names) consul.replace(name, B);
		await Promise.all(all.map((each) => told(each, B)));
		expect(consul.most).toBeLessThanOrEqual(3);
		expect(all.flatMap(({ observed }) => observed.failures)).toEqual([]);
		for (const { abort } of all) abort();
		await waitUntil("nothing is open", async () => (await consul.connections) === 0);
	});

	it("wait for a second each where they take turns, and a service that is new comes first", async () => {
		using clock = heldClock();
		const it = consulProvider(consul.url, { maxQueries: 1 });
		const names = Array.from({ length: 10 }, (_, i) => `web-${i}`);
		for (const name of names) consul.set(name, A);
		const all = names.map((name) => followTarget(it, `consul:///${name}`));
		await clock.advance(3_500);
		expect(all.map(({ observed }) => observed.list)).toEqual(names.map(() => A));
		expect(new Set(consul.requests.map(({ query }) => query.get("wait")))).toEqual(new Set([null, "1s"]));
		consul.set("api", B);
		using newcomer = followTarget(it, "consul:///api");
		await clock.advance(1_500);
		expect(newcomer.observed.list).toBe(B);
		for (const { abort } of all) abort();
	});

	it("make room for a service that comes when all turns are taken", async () => {
		using clock = heldClock();
		const it = consulProvider(consul.url, { maxQueries: 1 });
		using first = followTarget(it, "consul:///web");
		await clock.advance(1_000);
		expect(consul.blocked).toBe(1);
		consul.set("api", B);
		using second = followTarget(it, "consul:///api");
		await clock.advance(2_000);
		expect(second.observed.list).toBe(B);
		consul.set("web", B);
		await clock.advance(5_000);
		expect(first.observed.list).toBe(B);
		expect(consul.requests.at(-1)?.query.get("wait")).toBe("1s");
		expect([first.observed.failures, second.observed.failures]).toEqual([[], []]);
	});

	it("and the question whether an empty list may be read are one request a second at most", async () => {
		const headers = { "x-consul-default-acl-policy": "deny" };
		consul.react = ({ path }) =>
			path === "/v1/internal/acl/authorize" ? { body: [{ Allow: false }] } : { body: [], headers };
		using clock = heldClock();
		using watched = following();
		await clock.advance(30_000);
		const times = consul.requests.map(({ at }) => at);
		expect(times.length).toBeGreaterThan(3);
		for (const [i, at] of times.entries()) if (i > 0) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(1_000);
		expect(watched.observed.status.state).toBe("failed");
	});

	it("fail at once for all who wait for a turn when the agent is away", async () => {
		consul.react = () => ({ silent: true });
		using clock = heldClock();
		const it = consulProvider(consul.url, { maxQueries: 1 });
		const all = Array.from({ length: 20 }, (_, i) => followTarget(it, `consul:///web-${i}`));
		await clock.advance(11_000);
		expect(all.map(({ observed }) => observed.status.state)).toEqual(all.map(() => "failed"));
		for (const { abort } of all) abort();
	});
});
