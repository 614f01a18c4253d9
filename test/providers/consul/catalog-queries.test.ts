import { beforeEach, expect, it } from "vitest";
import { FakeConsul } from "../../../lab/fake-consul.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { consulKind } from "../../../src/providers/consul/consul-kind.js";
import type { FoundService, Provider } from "../../../src/providers/provider.js";
import { followTarget } from "../observed.js";
import { consulProvider } from "./watching.js";

let consul: FakeConsul;
let provider: Provider;

beforeEach(async () => {
	consul = await FakeConsul.start();
	provider = consulProvider(consul.url, { maxQueries: 50 });
	return () => consul[Symbol.asyncDispose]();
});

function all(text = "consul:///*") {
	const controller = new AbortController();
	const told = { lists: [] as (readonly FoundService[])[], errors: [] as string[] };
	const observer = {
		services: (list: readonly FoundService[]) => void told.lists.push(list),
		failed: ({ message }: Error) => void told.errors.push(message),
	};
	provider.watchAll?.(parseTarget(text), observer, { signal: controller.signal });
	const names = () => (told.lists.at(-1) ?? []).map(({ service }) => service).join(" ");
	const until = (expected: string) =>
		waitUntil(
			`there is ${expected}`,
			() => names() === expected || Promise.reject(new Error([names(), ...told.errors].join("; "))),
		);
	return { ...told, names, until, [Symbol.dispose]: () => controller.abort() };
}

it("reads what stands for a whole registry", () => {
	const problem = (text: string) => consulKind.checkAll?.(parseTarget(text));
	expect(problem("consul:///*?tag=a&dc=b")).toBeUndefined();
	expect(problem("consul:///web")).toBe("it names one service; expected consul:///*");
	expect(problem("consul:///*?tga=a")).toBe('unknown option "tga"; did you mean "tag"?');
});

it("tells the services of the catalog with these tags, and their targets; not Consul itself", async () => {
	consul.set("web", { address: "10.0.0.1:80", Service: { Tags: ["Mesh", "v1"] } });
	consul.set("cart", "10.0.0.2:80");
	using every = all("consul:///*?dc=dc9");
	using mesh = all("consul:///*?tag=mesh");
	await every.until("cart web");
	await mesh.until("web");
	expect(every.lists.at(-1)?.[1]).toMatchObject({ target: "consul:///web?dc=dc9", datacenter: "dc9" });
	expect(mesh.lists.at(-1)?.[0]).toMatchObject({ target: "consul:///web?tag=mesh", datacenter: "dc1" });
	consul.set("new", "10.0.0.3:80");
	await every.until("cart new web");
	consul.set("cart");
	await every.until("new web");
	expect([...every.errors, ...mesh.errors]).toEqual([]);
});

it("takes an empty list, and one that lacks what the token may not read, for a failure", async () => {
	consul.set("web", "10.0.0.1:80");
	consul.set("cart", "10.0.0.2:80");
	using told = all();
	await told.until("cart web");
	let allowed = false;
	const denied = { "x-consul-default-acl-policy": "deny" };
	consul.react = ({ path }) => {
		if (path === "/v1/internal/acl/authorize") return { body: [{ Allow: allowed }, { Allow: allowed }] };
		return path === "/v1/catalog/services"
			? { body: { consul: [], web: [] }, headers: { ...denied, "x-consul-index": "900" } }
			: undefined;
	};
	consul.answerAll();
	await waitUntil("it fails", () => told.errors.length > 0);
	expect(told.errors[0]).toContain('it lacks 1 services, such as "cart", which the token may not read');
	expect(told.names()).toBe("cart web");
	// If it may be read, it is gone.
	allowed = true;
	await told.until("web");
	consul.react = ({ path }) =>
		path === "/v1/catalog/services" ? { body: {}, headers: { "x-consul-index": "901" } } : undefined;
	const before = told.errors.length;
	await waitUntil("it fails again", () => told.errors.length > before);
	expect(told.errors.at(-1)).toContain("the list is empty");
	expect(told.names()).toBe("web");
});

it("takes no service away where the right to read it came after the list", async () => {
	consul.set("web", "10.0.0.1:80");
	consul.set("cart", "10.0.0.2:80");
	using told = all();
	await told.until("cart web");
	let mayRead = false;
	consul.react = ({ path }) => {
		if (path === "/v1/internal/acl/authorize") {
			mayRead = true;
			return { body: [{ Allow: true }, { Allow: true }] };
		}
		const headers = { "x-consul-default-acl-policy": "deny", "x-consul-index": "900" };
		return path === "/v1/catalog/services" && !mayRead ? { body: { consul: [], web: [] }, headers } : undefined;
	};
	consul.answerAll();
	await waitUntil("the rights are asked for", () => mayRead);
	consul.set("new", "10.0.0.3:80");
	await told.until("cart new web");
	expect(told.lists.map((list) => list.map(({ service }) => service).join(" "))).not.toContain("web");
	expect(told.errors).toEqual([]);
});

it("keeps the services while the agent fails, and asks again with a back-off", async () => {
	consul.set("web", "10.0.0.1:80");
	using told = all();
	await told.until("web");
	consul.react = () => ({ status: 500, body: "no" });
	consul.breakAll();
	await waitUntil("it fails", () => told.errors.length > 0);
	const begun = performance.now();
	const before = consul.requests.length;
	await waitUntil("it is asked again", () => consul.requests.length > before);
	expect(performance.now() - begun).toBeGreaterThan(500);
	expect(told.names()).toBe("web");
	consul.react = () => undefined;
	consul.set("cart", "10.0.0.2:80");
	await told.until("cart web");
});

it("of a service that goes, its target is not empty before the registry has said so", async () => {
	consul.set("web", "10.0.0.1:80");
	using told = all();
	await told.until("web");
	using one = followTarget(provider, "consul:///web");
	await one.until("it is told", ({ list }) => list === "10.0.0.1:80");
	consul.set("web");
	await told.until("");
	expect(one.observed.list).toBe("10.0.0.1:80");
	await one.until("it is empty at last", ({ list }) => list === "");
});

it("has no more queries at once than allowed, for 1,000 services", async () => {
	const names = Array.from({ length: 1_000 }, (_, n) => `s-${n}`);
	for (const [n, name] of names.entries()) consul.replace(name, `10.0.${n >> 8}.${n & 255}:80`);
	using told = all();
	await waitUntil("all are found", () => told.lists.at(-1)?.length === 1_000);
	const watched = names.map((name) => followTarget(provider, `consul:///${name}`));
	try {
		await waitUntil("all are in sync", () => watched.every(({ observed }) => observed.status.state === "synced"));
		expect(consul.most).toBeLessThanOrEqual(50);
	} finally {
		for (const each of watched) each.abort();
	}
});

it("frees all at its end", async () => {
	consul.set("web", "10.0.0.1:80");
	const told = all();
	await told.until("web");
	told[Symbol.dispose]();
	await waitUntil("the connection is closed", async () => (await consul.connections) === 0);
});
