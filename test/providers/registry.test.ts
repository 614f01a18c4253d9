import { beforeEach, describe, expect, it, vi } from "vitest";
import { addressOf, type Endpoint } from "../../src/model/endpoint.js";
import { parseTarget } from "../../src/model/target.js";
import { Registry } from "../../src/providers/registry.js";
import { ServiceNotFound, SourceFailed } from "../../src/util/errors.js";
import { at } from "../catalog/fake-provider.js";
import { DiscoveringProvider } from "../client/discovering-provider.js";

const A = "fake:///a";

let provider: DiscoveringProvider;

beforeEach(() => {
	provider = new DiscoveringProvider();
});

describe("the registry", () => {
	it("gives the scheme to the provider that was registered last, in any case of its letters", () => {
		const other = new DiscoveringProvider();
		const registry = new Registry().register("Fake", provider).register("fake", other);
		expect(registry.schemes.filter((scheme) => /fake/i.test(scheme))).toEqual(["fake"]);
		expect(registry.provider(parseTarget("FAKE:///a"))).toBe(other);
		registry.unregister("FAKE");
		expect([registry.schemes, registry.find("fake")]).toEqual([new Registry().schemes, undefined]);
	});

	it.each(["", "fake://", "1st", "my scheme"])("does not take %j for a scheme", (scheme) => {
		expect(() => new Registry().register(scheme, provider)).toThrow(/is not a scheme/);
	});

	it("lists the known schemes where one is unknown", () => {
		const registry = provider.registry.register("other", provider);
		const known = [...new Registry().schemes, "fake", "other"].sort().join(", ");
		const message = `no provider for the scheme "nope"; known schemes: ${known}`;
		expect(() => registry.parse("nope://x")).toThrow(message);
		const failed = vi.fn();
		const { signal } = new AbortController();
		registry.watcher(parseTarget("nope://x")).watch(parseTarget("nope://x"), { failed, endpoints: failed }, { signal });
		expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "UNSUPPORTED_SCHEME", message }));
	});

	it("refuses a target that its provider cannot serve, before anybody is asked", async () => {
		const { registry } = Object.assign(provider, { check: () => "not like that" });
		const refused = expect.objectContaining({ code: "INVALID_TARGET", message: `"${A}": not like that` });
		expect(() => registry.watch(A)).toThrow(refused);
		expect(() => registry.refresh(A)).toThrow(refused);
		await expect(registry.discover(A)).rejects.toEqual(refused);
		expect(provider.lookUps).toEqual([]);
	});

	it("refuses an unknown scheme at once, not at the first event", () => {
		expect(() => provider.registry.watch("nope://x")).toThrow(expect.objectContaining({ code: "UNSUPPORTED_SCHEME" }));
		expect(() => provider.registry.watch(parseTarget("nope://x"))).toThrow(/nope/);
	});
});

describe("looking a target up once", () => {
	it("gives the endpoints in canonical order, each address once, without what nobody could use", async () => {
		provider.given = [at(3), at(2, { weight: 50 }), at(2), at(1, { port: 0 }), at(1)];
		const found = await provider.registry.discover(A);
		expect(found.map((e) => [addressOf(e), e.weight])).toEqual([
			["10.0.0.1:80", 100],
			["10.0.0.2:80", 50],
			["10.0.0.3:80", 100],
		]);
	});

	it("leaves out what an untyped provider did not complete", async () => {
		const { locality: _, ...rest } = at(2);
		const { address: __, ...nowhere } = at(3);
		provider.given = [at(1), rest as Endpoint, nowhere as Endpoint];
		expect((await provider.registry.discover(A)).map(addressOf)).toEqual(["10.0.0.1:80"]);
	});

	it("replaces host names by their addresses where there is a provider for them, as a control plane would", async () => {
		const names = new DiscoveringProvider();
		const named = at(1, { address: "web.test", weight: 7, port: 81 } as Partial<Endpoint>);
		provider.given = [named, at(2)];
		provider.registry.unregister("dns");
		expect((await provider.registry.discover(A)).map(addressOf)).toEqual(["10.0.0.2:80", "web.test:81"]);
		provider.registry.register("dns", names);
		names.given = [at(8, { port: 81 }), at(9, { port: 81 })];
		const found = await provider.registry.discover(A);
		expect(found.map((e) => [addressOf(e), e.weight, e.hostname])).toEqual([
			["10.0.0.2:80", 100, undefined],
			["10.0.0.8:81", 7, "web.test"],
			["10.0.0.9:81", 7, "web.test"],
		]);
	});

	it("leaves out host names that do not exist, and is not found where nothing else is there", async () => {
		const names = new DiscoveringProvider();
		provider.registry.register("dns", names);
		const missing = new ServiceNotFound("no such name");
		names.given = missing;
		const named = at(1, { address: "nosuch.test" } as Partial<Endpoint>);
		provider.given = [named, at(2)];
		expect((await provider.registry.discover(A)).map(addressOf)).toEqual(["10.0.0.2:80"]);
		provider.given = [named];
		await expect(provider.registry.discover(A)).rejects.toBe(missing);
		const silent = new SourceFailed("silent");
		names.given = silent;
		provider.given = [named, at(2)];
		await expect(provider.registry.discover(A)).rejects.toBe(silent);
	});

	it("fails where the source gives more than a target may have", async () => {
		provider.given = [at(1), at(2)];
		provider.registry.maxEndpoints = 1;
		await expect(provider.registry.discover(A)).rejects.toThrow(
			"the source gives 2 endpoints, and a target may have 1",
		);
	});

	it("takes an empty list for an answer", async () => {
		provider.given = [];
		expect(await provider.registry.discover(A)).toEqual([]);
	});

	it.each([new ServiceNotFound("no such service"), new SourceFailed("refused")])("hands on a %s", async (error) => {
		provider.given = error;
		await expect(provider.registry.discover(A)).rejects.toBe(error);
	});

	it("takes any other error for a failure of the source", async () => {
		provider.given = new TypeError("fetch failed");
		await expect(provider.registry.discover(A)).rejects.toMatchObject({
			code: "SOURCE_FAILED",
			message: `"${A}": fetch failed`,
			cause: provider.given,
		});
	});

	it("gives up after the time given, also on a provider that does not listen to its signal", async () => {
		const looking = provider.registry.discover(A, { timeout: 30 });
		await expect(looking).rejects.toMatchObject({ code: "SOURCE_FAILED", message: `"${A}": no answer within 30ms` });
		expect(provider.lookUps[0]?.signal.aborted).toBe(true);
	});

	it("ends with the signal's reason when it fires", async () => {
		const end = new AbortController();
		const looking = provider.registry.discover(A, { signal: end.signal, timeout: 60_000 });
		const reason = new Error("enough");
		end.abort(reason);
		await expect(looking).rejects.toBe(reason);
		await expect(provider.registry.discover(A, { signal: end.signal })).rejects.toBe(reason);
		expect(provider.lookUps.map(({ signal }) => signal.aborted)).toEqual([true]);
	});
});
