import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentReaction } from "../../../lab/fake-agent.js";
import { FakeNomad } from "../../../lab/fake-nomad.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import type { FoundService } from "../../../src/providers/provider.js";
import { heldClock } from "../held-clock.js";
import { followTarget } from "../observed.js";
import { nomadProvider } from "./watching.js";

const A = "127.0.0.1:8001";
const B = "127.0.0.1:8002";
let nomad: FakeNomad;

beforeEach(async () => {
	nomad = await FakeNomad.start();
	nomad.set("web", A);
});

afterEach(async () => {
	await nomad[Symbol.asyncDispose]();
});

describe("queries of Nomad", () => {
	it("ask for what is there, then for what is new, with all that is set", async () => {
		const given = { token: "secret", namespace: "shop", region: "eu", stale: true };
		using watched = followTarget(nomadProvider(nomad.url, given), "nomad:///web?region=us&tag=x");
		await waitUntil("one waits", () => nomad.blocked === 1);
		await watched.until("it is told", ({ list }) => list === "");
		const options = "namespace=shop&region=us&stale=true";
		expect(nomad.requests.map(({ path, token, query }) => [path, token, query.toString()])).toEqual([
			["/v1/service/web", "secret", options],
			["/v1/service/web", "secret", `${options}&index=${nomad.lastIndex}&wait=40s`],
		]);
	});

	it.each<[string, AgentReaction, RegExp]>([
		[
			"a token without rights",
			{ status: 403, body: "Permission denied" },
			/403 \(Permission denied\); check the token and its rights: read-job in the namespace/,
		],
		["a region that nobody knows", { status: 500, body: "No path to region" }, /500 \(No path to region\)/],
		["an empty list of a server without a leader", { body: [], headers: { "x-nomad-knownleader": "false" } }, /leader/],
		["no index", { headers: { "x-nomad-index": "" } }, /no X-Nomad-Index; is it the HTTP API of Nomad\?/],
		["a list of something else", { body: [{ Name: "web" }] }, /no list of instances/],
	])("fail by %s, and keep the list", async (_, reaction, problem) => {
		using watched = followTarget(nomadProvider(nomad.url), "nomad:///web");
		await watched.until("it is told", ({ list }) => list === A);
		const headers = { "x-nomad-index": "900", ...reaction.headers };
		nomad.react = () => ({ ...reaction, headers });
		nomad.answerAll();
		nomad.breakAll();
		await watched.until("it fails", ({ failures }) => problem.test(failures.at(-1)?.message ?? ""));
		expect(watched.observed.failures.at(-1)?.message).toContain(`the service "web" of Nomad at ${nomad.url}`);
		expect(watched.observed.lists).toEqual([A]);
	});

	it("are not more than one a second while other services change, whose index is theirs, too", async () => {
		using clock = heldClock();
		using watched = followTarget(nomadProvider(nomad.url), "nomad:///web");
		await clock.advance(1_000);
		expect(nomad.blocked).toBe(1);
		const before = nomad.requests.length;
		for (let n = 0; n < 100; n++) {
			nomad.replace("other", B);
			await clock.advance(100);
		}
		// One ends after 40 s only; one that changes makes it ask again, and the index has risen meanwhile.
		nomad.set("web", A, B);
		await clock.until("it is told", () => watched.observed.list === `${A} ${B}`);
		await clock.advance(1_000);
		expect(nomad.requests.length - before).toBeLessThanOrEqual(3);
		expect(watched.observed.lists).toEqual([A, `${A} ${B}`]);
	});

	it("find the change of one of more services than queries", async () => {
		const names = Array.from({ length: 30 }, (_, i) => `web-${i}`);
		for (const name of names) nomad.replace(name, A);
		const provider = nomadProvider(nomad.url, { maxQueries: 10 });
		const all = names.map((name) => followTarget(provider, `nomad:///${name}`));
		await waitUntil("all are there", () => all.every(({ observed }) => observed.list === A));
		nomad.set("web-17", B);
		await waitUntil("it is told", () => all[17]?.observed.list === B);
		expect(nomad.most).toBeLessThanOrEqual(10);
		expect(all.flatMap(({ observed }) => observed.failures)).toEqual([]);
		for (const { abort } of all) abort();
		await waitUntil("nothing is open", async () => (await nomad.connections) === 0);
	});
});

it("tells the services of a namespace, and that there is none", async () => {
	nomad.set("web", { address: A, Tags: ["Mesh"] });
	nomad.set("db", B);
	const controller = new AbortController();
	const lists: (readonly FoundService[])[] = [];
	const errors: Error[] = [];
	const observer = {
		services: (list: readonly FoundService[]) => void lists.push(list),
		failed: (error: Error) => void errors.push(error),
	};
	const provider = nomadProvider(nomad.url);
	provider.watchAll(parseTarget("nomad:///*?namespace=shop&tag=mesh"), observer, controller);
	await waitUntil("it is told", () => lists.length > 0);
	expect(lists.at(-1)).toEqual([
		{ service: "web", target: "nomad:///web?namespace=shop&tag=mesh", namespace: "shop", datacenter: undefined },
	]);
	expect(nomad.requests.find(({ path }) => path === "/v1/services")?.query.get("namespace")).toBe("shop");
	nomad.set("web");
	nomad.set("db");
	await waitUntil("it is empty", () => lists.at(-1)?.length === 0);
	expect(errors).toEqual([]);
	controller.abort();
	await waitUntil("nothing is open", async () => (await nomad.connections) === 0);
});
