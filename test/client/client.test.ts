import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { Client } from "../../src/client/client.js";
import { NoReadyEndpoints } from "../../src/client/no-ready-endpoints.js";
import type { Endpoint } from "../../src/model/endpoint.js";
import { parseTarget } from "../../src/model/target.js";
import { type FingerpostError, ServiceNotFound, SourceFailed } from "../../src/util/errors.js";
import { at } from "../catalog/fake-provider.js";
import { DiscoveringProvider } from "./discovering-provider.js";

const A = "fake:///a";

let provider: DiscoveringProvider;
let errors: FingerpostError[];
let client: Client;

beforeEach(() => {
	provider = new DiscoveringProvider();
	errors = [];
	client = new Client(A, { registry: provider.registry, onError: (error) => errors.push(error) });
});

afterEach(() => {
	client.close();
	expect(provider.running(A)).toBe(0);
	vi.useRealTimers();
});

async function connected(...list: readonly (number | Endpoint)[]): Promise<void> {
	provider.given = list;
	await client.connect();
}

/** How often each of the next endpoints is given, by the last number of its address. */
function counts(calls: number): Record<string, number> {
	const seen: Record<string, number> = {};
	for (let i = 0; i < calls; i++) {
		const key = client.next().address.split(".").at(-1) as string;
		seen[key] = (seen[key] ?? 0) + 1;
	}
	return seen;
}

describe("the client", () => {
	it("gives each target with a weight its share, whatever the number of its endpoints", async () => {
		const share = (target: string, part: number) => ({ targetShare: { target, part } });
		await connected(at(1, share("a", 0.9)), at(2, share("b", 0.1)), at(3, share("b", 0.1)));
		const { 1: a = 0, 2: b = 0, 3: c = 0 } = counts(1_000);
		expect(Math.abs(a - 900)).toBeLessThanOrEqual(2);
		expect(Math.abs(b - c)).toBeLessThanOrEqual(2);
	});

	it("gives ready endpoints with their URL, each its exact share", async () => {
		await connected(at(1), at(2, { weight: 300 }), at(3, { weight: 0 }), at(4, { health: "draining" }));
		expect(counts(8)).toEqual({ 1: 2, 2: 6 });
		expect(client.next().url).toMatch(/^http:\/\/10\.0\.0\.[12]:80$/);
		expect(client.endpoints.map((e) => e.address)).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]);
	});

	it("puts an IPv6 address into brackets", async () => {
		await connected(at(1, { address: "fd00::1" }));
		expect(client.next().url).toBe("http://[fd00::1]:80");
	});

	it("uses the best priority that has a ready endpoint", async () => {
		await connected(at(1, { health: "unhealthy" }), at(2, { priority: 1 }), at(3, { priority: 2 }));
		expect(counts(3)).toEqual({ 2: 3 });
		provider.answer(A, at(1), at(2, { priority: 1 }), at(3, { priority: 2 }));
		expect(counts(3)).toEqual({ 1: 3 });
	});

	it("uses degraded endpoints only while there is no other", async () => {
		await connected(at(1, { health: "degraded" }), at(2, { priority: 5 }));
		expect(counts(2)).toEqual({ 2: 2 });
		provider.answer(A, at(1, { health: "degraded" }));
		expect(counts(2)).toEqual({ 1: 2 });
	});

	it("takes of an address that comes twice the first", async () => {
		await connected(at(1), at(2), at(2, { weight: 900 }));
		expect(counts(4)).toEqual({ 1: 2, 2: 2 });
		provider.answer(A, at(1), at(2), at(2, { weight: 900 }), at(3));
		expect(counts(6)).toEqual({ 1: 2, 2: 2, 3: 2 });
	});

	it("follows changes after it has connected, and lets the others keep their turn", async () => {
		await connected(1, 2, 3);
		const first = client.next().address;
		provider.answer(A, 1, 2, 3, 4);
		expect(client.next().address).not.toBe(first);
		expect(Object.keys(counts(5))).toHaveLength(4);
		provider.answer(A, 4);
		expect(counts(2)).toEqual({ 4: 2 });
	});

	it("says why there is no ready endpoint", async () => {
		expect(() => client.next()).toThrow(/no ready endpoint for fake:\/\/\/a: .*await connect\(\) first/);
		await connected();
		expect(() => client.next()).toThrow(NoReadyEndpoints);
		expect(() => client.next()).toThrow("it has no endpoints");
		provider.answer(A, at(1, { health: "unhealthy" }), at(2, { weight: 0 }));
		expect(() => client.next()).toThrow("none of its 2 endpoints is ready");
	});

	it("keeps its endpoints when the source fails, and tells it once", async () => {
		await connected(1);
		provider.answer(A, 1);
		provider.fail(A, "refused");
		provider.fail(A, "refused");
		expect(client.next().address).toBe("10.0.0.1");
		expect(errors.map(({ code, message }) => [code, message])).toEqual([["SOURCE_FAILED", "refused"]]);
	});

	it.each([
		["there is no such service", new ServiceNotFound("no such service")],
		["the source cannot be asked", new SourceFailed("refused")],
	])("does not connect where %s, and may be tried again", async (_, error) => {
		provider.given = error;
		await expect(client.connect()).rejects.toBe(error);
		expect(provider.started(A)).toBe(0);
		await connected(1);
		expect([client.next().address, provider.running(A)]).toEqual(["10.0.0.1", 1]);
	});

	it("connects once, however often and however soon it is called again", async () => {
		const both = Promise.all([client.connect(), client.connect()]);
		const [first, second] = provider.lookUps;
		first?.answer([1]);
		await waitUntil("it is watched", () => provider.started(A) === 1);
		provider.answer(A, 2);
		// An answer from before the watch's.
		second?.answer([1]);
		expect(await both).toEqual([client, client]);
		expect(await client.connect()).toBe(client);
		expect(client.next().address).toBe("10.0.0.2");
		expect([provider.lookUps.length, provider.started(A)]).toEqual([2, 1]);
	});

	it("stops waiting when the signal fires, with its reason", async () => {
		const end = new AbortController();
		const connecting = client.connect({ signal: end.signal });
		const reason = new Error("enough");
		end.abort(reason);
		await expect(connecting).rejects.toBe(reason);
		expect(provider.lookUps.map(({ signal }) => signal.aborted)).toEqual([true]);
	});

	it("fails a connect that waits when it is closed, and does not watch", async () => {
		const connecting = client.connect();
		client.close();
		provider.lookUps[0]?.answer([1]);
		await expect(connecting).rejects.toMatchObject({ code: "CLOSED" });
		expect([client.endpoints, provider.started(A)]).toEqual([[], 0]);
		expect(provider.lookUps[0]?.signal.aborted).toBe(true);
	});

	it("frees everything by close(), and is of no use then", async () => {
		await connected(1);
		client.close();
		client.close();
		expect([provider.running(A), client.endpoints]).toEqual([0, []]);
		provider.answer(A, 2);
		expect(() => client.next()).toThrow(expect.objectContaining({ code: "CLOSED" }));
		await expect(client.connect()).rejects.toMatchObject({ code: "CLOSED" });
	});

	it("hands a hint to look again on to the provider", async () => {
		const hinted: string[] = [];
		const hints = Object.assign(new DiscoveringProvider(), {
			refresh: ({ text }: { text: string }) => hinted.push(text),
		});
		using other = new Client(A, { provider: hints });
		other.refresh();
		expect(hinted).toEqual([A]);
	});
});

describe("a client of host names", () => {
	const WEB = "dns:///web.internal:80";
	const API = "dns:///api.internal:80";
	let dns: DiscoveringProvider;
	const named = (name: string, weight = 100) => at(0, { address: `${name}.internal`, weight });
	const addresses = () => client.endpoints.map(({ address }) => address);

	beforeEach(async () => {
		dns = new DiscoveringProvider();
		dns.given = [1];
		provider.registry.register("dns", dns);
		await connected(named("web", 7));
	});

	afterEach(() => {
		client.close();
		expect([dns.running(WEB), dns.running(API)]).toEqual([0, 0]);
	});

	it("has addresses from the beginning, and keeps them until DNS has answered the watch", () => {
		const first = { address: "10.0.0.1", hostname: "web.internal", weight: 7, url: "http://10.0.0.1:80", ready: true };
		expect(client.endpoints).toMatchObject([first]);
		provider.answer(A, named("web", 7));
		expect(client.endpoints).toMatchObject([first]);
		dns.answer(WEB, 1, 2);
		expect(client.endpoints).toMatchObject([first, { ...first, address: "10.0.0.2", url: "http://10.0.0.2:80" }]);
	});

	it("keeps those of each name that DNS has not answered the watch for", async () => {
		client.close();
		dns.discover = async ({ text } = parseTarget(WEB)) => [at(text === WEB ? 1 : 2)];
		client = new Client(A, { registry: provider.registry });
		await connected(named("web"), named("api"));
		provider.answer(A, named("web"), named("api"), at(9));
		expect(addresses()).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.9"]);
		// Nobody is told, and nothing is lost.
		dns.fail(API, "no answer from DNS");
		dns.answer(WEB, 3);
		expect(addresses()).toEqual(["10.0.0.2", "10.0.0.3", "10.0.0.9"]);
	});

	it("follows the names that come and go, and what DNS says of each", () => {
		provider.answer(A, named("web"), named("api"));
		// What is known of the one stays while neither has been answered for.
		expect(addresses()).toEqual(["10.0.0.1"]);
		dns.answer(API, 3);
		expect(addresses()).toEqual(["10.0.0.1", "10.0.0.3"]);
		dns.answer(WEB, 2);
		expect(addresses()).toEqual(["10.0.0.2", "10.0.0.3"]);
		dns.answer(WEB);
		expect(addresses()).toEqual(["10.0.0.3"]);
		provider.answer(A, named("web"));
		expect([addresses(), dns.running(API)]).toEqual([[], 0]);
	});

	it("keeps addresses while DNS fails, tells it, and follows the rest", () => {
		provider.answer(A, named("web"), at(9));
		dns.fail(WEB, "no answer from DNS");
		expect(addresses()).toEqual(["10.0.0.1", "10.0.0.9"]);
		provider.answer(A, named("web"), at(8));
		expect(addresses()).toEqual(["10.0.0.1", "10.0.0.8"]);
		expect(errors.map(({ message }) => message)).toEqual(["no answer from DNS"]);
	});

	it("takes what DNS answers at once, of each of the names", () => {
		const watch = dns.watch.bind(dns);
		dns.watch = (target, observer, options) => {
			watch(target, observer, options);
			dns.answer(target.text, target.text === WEB ? 1 : 2);
		};
		provider.answer(A, named("web"), named("api"));
		expect([addresses(), dns.running(WEB), dns.running(API)]).toEqual([["10.0.0.1", "10.0.0.2"], 1, 1]);
		provider.answer(A, named("web"), named("api", 5));
		expect(addresses()).toEqual(["10.0.0.1", "10.0.0.2"]);
	});

	it("has the names where there is nobody to ask", async () => {
		provider.registry.unregister("dns");
		client.close();
		client = new Client(A, { registry: provider.registry });
		await client.connect();
		expect(addresses()).toEqual(["web.internal"]);
		provider.answer(A, named("api"));
		expect(client.next().url).toBe("http://api.internal:80");
	});
});

describe("a new client", () => {
	it("takes a provider of its own, whatever the scheme", async () => {
		provider.given = [1];
		using other = new Client("anything://x", { provider });
		expect((await other.connect()).next().address).toBe("10.0.0.1");
	});

	it("has the providers that Fingerpost brings unless others are given", async () => {
		using other = new Client("127.0.0.1:8080");
		expect((await other.connect()).next().url).toBe("http://127.0.0.1:8080");
	});

	it.each([
		["no target", "nonsense", "INVALID_TARGET"],
		["one that its provider cannot serve", "static://web", "INVALID_TARGET"],
		["one of an unknown scheme", "nope://web", "UNSUPPORTED_SCHEME"],
	])("refuses %s at once", (_, target, code) => {
		expect(() => new Client(target)).toThrow(expect.objectContaining({ code }));
	});
});
