import { beforeEach, describe, expect, it, vi } from "vitest";
import { Cache } from "../../src/cache/cache.js";
import type { ResourceSet } from "../../src/cache/resource-set.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { encodeService, encodeServiceInSteps } from "../../src/resources/encode-service.js";
import type { TypeId } from "../../src/resources/resource-type.js";
import { resourceType } from "../../src/resources/resource-types.js";
import type { View } from "../../src/resources/view.js";
import { atOnce } from "../../src/util/steps.js";
import { at, service, serviceState } from "../catalog/fake-provider.js";

vi.mock("../../src/resources/encode-service.js", { spy: true });

let services: Map<string, ServiceState>;
let cache: Cache;

beforeEach(() => {
	services = new Map();
	cache = new Cache({ get: (name) => services.get(name), services: () => services.values() });
	for (const name of ["a", "b", "c"]) services.set(name, state(name));
	encodes();
});

function state(name: string, parts: Partial<ServiceState> = {}): ServiceState {
	return serviceState(name, { endpoints: [at(1)], ...parts });
}

/** Changes parts of a service and tells the cache. */
function change(name: string, parts: Partial<ServiceState>): void {
	services.set(name, { ...(services.get(name) ?? state(name)), ...parts });
	cache.update([name], performance.now());
}

/** What was encoded since the last call, as `type view name`. */
function encodes(): string[] {
	const { mock } = vi.mocked(encodeServiceInSteps);
	const calls = mock.calls.map(([type, view, { name }]) => `${type.id} ${view} ${name}`);
	mock.calls.length = 0;
	return calls;
}

/** The set, with the names that it told a subscriber of. */
function subscribed(type: TypeId, view: View, ...names: string[]): { set: ResourceSet; told: string[] } {
	const set = cache.acquire(type, view);
	const told: string[] = [];
	for (const name of names) set.subscribe(name, { changed: (changed) => told.push(changed) });
	return { set, told };
}

describe("the cache", () => {
	it("fills a set in steps, of which several who wait for it do a part each, and misses no change meanwhile", () => {
		const [one, other] = [cache.acquireInSteps("eds", "envoy"), cache.acquireInSteps("eds", "envoy")];
		expect(one.next().done).toBe(false);
		expect(other.next().done).toBe(false);
		change("a", { endpoints: [at(2)] });
		change("c", { endpoints: [at(3)] });
		services.delete("b");
		cache.update(["b"], 0);
		change("d", {});
		const set = atOnce(other);
		expect(atOnce(one)).toBe(set);
		expect(set.size).toBe(3);
		for (const name of ["a", "c", "d"]) {
			const now = encodeService(
				resourceType("eds"),
				"envoy",
				state(name).definition,
				services.get(name)?.endpoints ?? [],
			);
			expect(set.get(name)?.version).toBe(now.version);
		}
	});

	it("lets a set go whose filling was ended", () => {
		const filling = cache.acquireInSteps("eds", "envoy");
		filling.next();
		filling.return(undefined as never);
		cache.update([], 0);
		expect(cache.count("eds")).toBe(0);
	});

	it("keeps what there was of a service with many endpoints until it is encoded, and drops what is outdated by then", () => {
		const list = (port: number) =>
			Array.from({ length: 6_000 }, (_, i) => at(1, { port, address: `10.0.${i >> 8}.${i & 255}` }));
		change("a", { endpoints: list(1) });
		const set = cache.acquire("eds", "envoy");
		const before = set.get("a");
		services.set("a", state("a", { endpoints: list(2) }));
		const updating = cache.updateInSteps(["a"], 0);
		for (let i = 0; i < 4; i++) expect(updating.next().done).toBe(false);
		expect(set.get("a")).toBe(before);
		services.set("a", state("a", { endpoints: [at(3)] }));
		atOnce(updating);
		expect(set.get("a")).toBe(before);
		cache.update(["a"], 0);
		expect(set.get("a")?.version).not.toBe(before?.version);
	});

	it("waits for a new service with many endpoints, which is not absent while it is encoded", () => {
		const set = cache.acquire("eds", "envoy");
		const list = Array.from({ length: 6_000 }, (_, i) => at(1, { address: `10.0.${i >> 8}.${i & 255}` }));
		services.set("new", state("new", { endpoints: list }));
		const updating = cache.updateInSteps(["new"], 0);
		for (let i = 0; i < 4; i++) updating.next();
		expect([set.get("new"), set.isAwaited("new")]).toEqual([undefined, true]);
		atOnce(updating);
		expect(set.isAwaited("new")).toBe(false);
		expect(set.get("new")).toBeDefined();
	});

	it("encodes only for the types and views in use, once for all their users", () => {
		cache.update(["a"], 0);
		expect(encodes()).toEqual([]);
		const set = cache.acquire("eds", "envoy");
		expect(encodes()).toEqual(["eds envoy a", "eds envoy b", "eds envoy c"]);
		expect(cache.acquire("eds", "envoy")).toBe(set);
		expect(encodes()).toEqual([]);
		expect(cache.acquire("eds", "grpc")).not.toBe(set);
		expect(encodes()).toEqual(["eds grpc a", "eds grpc b", "eds grpc c"]);
		expect(["cds", "eds", "lds", "rds"].map((id) => cache.count(id as TypeId))).toEqual([0, 6, 0, 0]);
	});

	it("has no cluster that wants TLS for clients without certificates, and tells of it, until it wants none", () => {
		const set = cache.acquire("cds", "grpc");
		const plain = service("a", [], { protocol: "grpc" });
		const tls = { ca: "system", sni: "a.internal", subjectAltNames: ["a.internal"] };
		change("a", { definition: { ...plain, tls } });
		expect([set.get("a"), set.get("b")?.name]).toEqual([undefined, "b"]);
		expect([...cache.problems()]).toMatchObject([{ name: "a", type: "cds", family: "grpc", reason: "withheld" }]);
		expect(cache.acquire("cds", "envoy").get("a")?.name).toBe("a");
		change("a", { definition: plain });
		expect([set.get("a")?.name, [...cache.problems()]]).toEqual(["a", []]);
	});

	it("encodes of a change what changed: endpoints are no part of the other types", () => {
		const eds = subscribed("eds", "envoy", "a", "b");
		const cds = subscribed("cds", "envoy", "a");
		const lds = cache.acquire("lds", "grpc");
		const before = [eds.set.get("b"), cds.set.get("a"), lds.get("a")];
		const old = eds.set.get("a")?.version;
		encodes();
		change("a", { endpoints: [at(2)] });
		expect(encodes()).toEqual(["eds envoy a"]);
		expect(eds.set.get("a")?.version).not.toBe(old);
		expect([eds.set.get("b"), cds.set.get("a"), lds.get("a")]).toEqual(before);
		expect([eds.told, cds.told]).toEqual([["a"], []]);

		change("a", { definition: service("a", [], { protocol: "grpc" }) });
		expect(encodes()).toEqual(["cds envoy a", "lds grpc a"]);
		expect([eds.told, cds.told]).toEqual([["a"], ["a"]]);
	});

	it("encodes cluster, route and endpoints again when policies change, and nothing while they are equal", () => {
		const sets = [subscribed("cds", "grpc", "a"), subscribed("rds", "grpc", "a"), subscribed("eds", "grpc", "a")];
		const before = state("a").definition;
		const policies = { loadBalancing: { policy: "ring_hash" }, timeout: 5_000 } as const;
		encodes();
		change("a", { definition: { ...before, policies } });
		expect(encodes()).toEqual(["cds grpc a", "rds grpc a", "eds grpc a"]);
		expect(sets.map(({ told }) => told)).toEqual([["a"], ["a"], []]);
		change("a", { definition: { ...before, policies: { ...policies } } });
		expect(encodes()).toEqual([]);
	});

	it("copies no endpoints of an assignment that was made with other policies", () => {
		const endpoints = Array.from({ length: 100 }, (_, i) => at(i + 1, { weight: 1 + (i % 2) }));
		const { set } = subscribed("eds", "grpc", "a");
		const before = state("a").definition;
		const hashing = { ...before, policies: { loadBalancing: { policy: "ring_hash" } } as const };
		for (const definition of [before, hashing, before, hashing]) {
			change("a", { definition, endpoints });
			const fresh = encodeService(resourceType("eds"), "grpc", definition, endpoints);
			expect(set.get("a")?.version).toBe(fresh.version);
		}
	});

	it("tells nobody of what encodes to the same", () => {
		const { set, told } = subscribed("eds", "envoy", "a");
		const { version } = set;
		change("a", { endpoints: [at(1, { origin: { target: "elsewhere" } })] });
		expect([told, set.version]).toEqual([[], version]);
	});

	it("encodes nothing for a change of status only", () => {
		const { told } = subscribed("eds", "envoy", "a");
		cache.acquire("cds", "envoy");
		encodes();
		change("a", { state: "stale", notes: ["mended"] });
		change("a", { state: "removing" });
		expect(encodes()).toEqual([]);
		expect(told).toEqual([]);
	});

	it("removes what is gone, from every type and view", () => {
		const eds = subscribed("eds", "envoy", "a");
		const cds = subscribed("cds", "grpc", "a");
		services.delete("a");
		cache.update(["a"], 0);
		for (const { set, told } of [eds, cds]) {
			expect(set.get("a")).toBeUndefined();
			expect([set.size, told]).toEqual([2, ["a"]]);
		}
	});

	it("has a service that is back with the same content at the same version (R44)", () => {
		const { set, told } = subscribed("eds", "envoy", "a");
		const { version } = set;
		const gone = services.get("a") as ServiceState;
		services.delete("a");
		cache.update(["a"], 0);
		change("a", gone);
		expect(set.version).toBe(version);
		expect(told).toEqual(["a", "a"]);
	});

	it("goes on for the users that are left, and drops a set without users at the next change", () => {
		const set = cache.acquire("eds", "envoy");
		cache.acquire("eds", "envoy");
		cache.release("eds", "envoy");
		change("a", { endpoints: [at(2)] });
		expect(cache.acquire("eds", "envoy")).toBe(set);
		cache.release("eds", "envoy");
		cache.release("eds", "envoy");
		expect(cache.count("eds")).toBe(3);
		encodes();
		change("b", { endpoints: [at(3)] });
		expect([encodes(), cache.count("eds")]).toEqual([[], 0]);
	});

	it("has nothing to release of what nobody uses", () => {
		cache.release("eds", "envoy");
		expect([cache.acquire("eds", "envoy").size, cache.count("eds")]).toEqual([3, 3]);
	});

	it("makes a set anew as if it had never been away", () => {
		const old = cache.acquire("eds", "envoy");
		cache.release("eds", "envoy");
		change("a", { endpoints: [at(2)] });
		services.delete("b");
		services.set("d", state("d", { known: false, state: "unknown", endpoints: [] }));
		cache.update(["b", "d"], 0);
		const set = cache.acquire("eds", "envoy");
		expect(set).not.toBe(old);
		const fresh = new Cache({ get: (name) => services.get(name), services: () => services.values() });
		const expected = fresh.acquire("eds", "envoy");
		expect(set.version).toBe(expected.version);
		expect(["a", "b", "c", "d"].map((name) => set.get(name)?.version)).toEqual(
			["a", "b", "c", "d"].map((name) => expected.get(name)?.version),
		);
		expect(set.isAwaited("d")).toBe(true);
	});

	it("uses a set again that was released and not dropped yet, up to date", () => {
		const set = cache.acquire("eds", "envoy");
		cache.release("eds", "envoy");
		expect(cache.acquire("eds", "envoy")).toBe(set);
		change("a", { endpoints: [at(2)] });
		expect(set.get("a")?.version).toBe(cache.versionOf("eds", "envoy", services.get("a") as ServiceState));
	});
});

describe("a service of which nothing is known", () => {
	const unknown = { known: false, state: "unknown", endpoints: [] } as const;

	it("is awaited, overdue after its deadline, and told when it is known, be it empty", () => {
		services.set("a", state("a", unknown));
		const { set, told } = subscribed("eds", "envoy", "a");
		expect([set.get("a"), set.isAwaited("a"), set.isOverdue("a"), set.size]).toEqual([undefined, true, false, 2]);
		change("a", { overdue: true });
		expect([set.get("a"), set.isAwaited("a"), set.isOverdue("a"), told]).toEqual([undefined, true, true, ["a"]]);
		change("a", { known: true, state: "synced", overdue: false, endpoints: [] });
		expect([set.isAwaited("a"), set.isOverdue("a"), told]).toEqual([false, false, ["a", "a"]]);
		expect(set.get("a")).toBeDefined();
	});

	it("is not emptied while it is being removed, only when it is gone", () => {
		services.set("a", state("a", unknown));
		const { set, told } = subscribed("eds", "envoy", "a");
		change("a", { state: "removing", overdue: true });
		expect([set.get("a"), set.isAwaited("a")]).toEqual([undefined, true]);
		services.delete("a");
		cache.update(["a"], 0);
		expect([set.get("a"), set.isAwaited("a"), told.length]).toEqual([undefined, false, 2]);
	});

	it("has its cluster, listener and route all the same: it is never left out of a complete set", () => {
		services.set("a", state("a", unknown));
		for (const type of ["cds", "lds", "rds"] as const) {
			const set = cache.acquire(type, "envoy");
			expect([set.get("a")?.name, set.isAwaited("a")]).toEqual(["a", false]);
		}
	});
});

describe("versionOf()", () => {
	it("is what clients of the view see, whether or not one uses it", () => {
		const a = services.get("a") as ServiceState;
		const alone = cache.versionOf("eds", "envoy", a);
		const set = cache.acquire("eds", "envoy");
		encodes();
		expect(cache.versionOf("eds", "envoy", a)).toBe(alone);
		expect(set.get("a")?.version).toBe(alone);
		expect(encodes()).toEqual([]);
	});

	it("is empty while nothing is known, also during the removal", () => {
		for (const condition of ["unknown", "removing"] as const) {
			expect(cache.versionOf("eds", "envoy", state("a", { known: false, state: condition, endpoints: [] }))).toBe("");
		}
	});
});
