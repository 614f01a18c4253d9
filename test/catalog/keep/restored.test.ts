import { describe, expect, it, vi } from "vitest";
import { DiscoveredServices } from "../../../src/catalog/discover/discovered-services.js";
import type { SavedService } from "../../../src/catalog/keep/saved.js";
import { parseTarget } from "../../../src/model/target.js";
import { A, B, type CatalogLab, useCatalogLab } from "../catalog-lab.js";
import { at, service } from "../fake-provider.js";

let lab: CatalogLab;
useCatalogLab((created) => {
	lab = created;
});

function saved(name: string, targets: readonly string[], parts: Partial<SavedService> = {}): SavedService {
	const definition = service(name, targets);
	const known = targets.map((target, i) => {
		return { target, endpoints: [at(i + 1)], whole: true, lastSuccess: new Date(), changes: 1 };
	});
	return { name, definition, targets: known, ...parts };
}

describe("what an earlier process knew", () => {
	it("is served at once and marked, until the source says something", () => {
		lab.catalog.restore([saved("web", [A])]);
		lab.apply(service("web", [A]));
		expect(lab.seen()).toBe("stale 1");
		expect(lab.catalog.targetsOf("web")[0]?.restored).toBe(true);
		lab.provider.fail(A);
		expect(lab.seen()).toBe("stale 1");
		expect(lab.catalog.targetsOf("web")[0]?.restored).toBe(true);
		lab.provider.answer(A, 2);
		expect(lab.seen()).toBe("synced 2");
		expect(lab.catalog.targetsOf("web")[0]?.restored).toBeUndefined();
	});

	it("is known although one of its targets never answered", () => {
		const { targets, ...rest } = saved("web", [A, B]);
		lab.catalog.restore([{ ...rest, targets: targets.slice(0, 1) }]);
		lab.apply(service("web", [A, B]));
		expect(lab.seen()).toBe("stale 1");
	});

	it("is forgotten where the program itself has the service", () => {
		const since = new Date();
		const pin = { endpoints: [at(9)], version: "v", since, until: new Date(since.getTime() + 60_000) };
		lab.catalog.restore([saved("web", [A], { pin }), saved("other", [B], { pin })]);
		lab.catalog.set(service("web", [], { endpoints: [at(5)] }));
		lab.apply(service("other", [B]));
		expect([lab.seen("web"), lab.catalog.get("web")?.pin]).toEqual(["synced 5", undefined]);
		expect(lab.catalog.get("other")?.pin).toEqual(pin);
	});

	it("stays where the config has other targets now, until those have answered", () => {
		lab.catalog.restore([saved("web", [A])]);
		lab.apply(service("web", [B]));
		expect(lab.seen()).toBe("stale 1");
		lab.provider.answer(B, 7);
		expect(lab.seen()).toBe("synced 7");
	});

	it("is removed at the time at which it would have been", () => {
		lab.catalog.restore([saved("old", [A], { removedAt: new Date(Date.now() - 20_000) }), saved("gone", [B])]);
		lab.apply();
		expect([lab.seen("old"), lab.seen("gone")]).toEqual(["removing 1", "removing 1"]);
		expect(lab.catalog.saved("old")?.removedAt?.getTime()).toBe(Date.now() - 20_000);
		expect([lab.provider.started(A), lab.provider.started(B)]).toEqual([0, 0]);
		vi.advanceTimersByTime(10_000);
		expect([lab.seen("old"), lab.seen("gone")]).toEqual(["absent", "removing 1"]);
		vi.advanceTimersByTime(20_000);
		expect(lab.seen("gone")).toBe("absent");
	});

	it("of a registry is served until the registry has answered without it", () => {
		lab.catalog.restore([saved("a", [A], { found: true }), saved("b", [B], { found: true })]);
		lab.apply();
		const found = discover();
		expect([lab.seen("a"), lab.seen("b")]).toEqual(["stale 1", "stale 1"]);
		expect(lab.catalog.saved("a")).toMatchObject({ found: true });
		lab.provider.list(ALL, "a");
		expect([lab.seen("a"), lab.seen("b")]).toEqual(["stale 1", "removing 1"]);
		expect(lab.provider.started(A)).toBe(1);
		found.stop();
	});

	it("of a registry is an answer of it for readiness, and of no other one", () => {
		lab.catalog.restore([saved("a", [A], { found: true, registry: ALL })]);
		lab.apply();
		const found = discover();
		expect([found.awaitsAnswer, found.openness]).toEqual([false, "open"]);
		expect(lab.catalog.saved("a")).toMatchObject({ found: true, registry: ALL });
		found.stop();
		const other = discover("fake:///other/*");
		expect(other.awaitsAnswer).toBe(true);
		other.stop();
	});

	it("of a registry stays for as long as the guard holds where most of it would go", () => {
		lab.catalog.setTimes({ removalGrace: 30_000, syncDeadline: 10_000, guard: {} });
		const names = ["a", "b", "c", "d", "e"];
		lab.catalog.restore(names.map((name) => saved(name, [`fake:///${name}`], { found: true })));
		lab.apply();
		const found = discover();
		lab.provider.list(ALL);
		vi.advanceTimersByTime(59_999);
		expect(names.map((name) => lab.seen(name))).toEqual(names.map(() => "stale 1"));
		expect(found.approve("b")).toBe(true);
		expect(lab.seen("b")).toBe("removing 1");
		vi.advanceTimersByTime(1);
		expect(names.map((name) => lab.seen(name))).toEqual(names.map(() => "removing 1"));
		found.stop();
	});

	it.each([
		{ restored: 3, listed: 0, state: "removing 1" },
		{ restored: 4, listed: 0, state: "stale 1" },
		{ restored: 5, listed: 4, state: "stale 1" },
		{ restored: 4, listed: 4, state: "removing 1" },
	])(
		"of a registry is most of it where $restored would go, and it has $listed others",
		({ restored, listed, state }) => {
			lab.catalog.setTimes({ removalGrace: 30_000, syncDeadline: 10_000, guard: {} });
			const names = Array.from({ length: restored }, (_, i) => `old${i}`);
			lab.catalog.restore(names.map((name) => saved(name, [`fake:///${name}`], { found: true })));
			lab.apply();
			const found = discover();
			lab.provider.list(ALL, ...Array.from({ length: listed }, (_, i) => `new${i}`));
			expect(names.map((name) => lab.seen(name))).toEqual(names.map(() => state));
			// What the registry says again changes nothing of it.
			lab.provider.list(ALL, ...Array.from({ length: listed }, (_, i) => `new${i}`), "more");
			expect(lab.seen("old0")).toBe(state);
			vi.advanceTimersByTime(60_000);
			expect(names.map((name) => lab.seen(name))).not.toContain("stale 1");
			found.stop();
		},
	);

	it("of a registry goes at once where the guard leaves registries alone", () => {
		lab.catalog.setTimes({ removalGrace: 30_000, syncDeadline: 10_000, guard: { registry: false } });
		const names = ["a", "b", "c", "d", "e"];
		lab.catalog.restore(names.map((name) => saved(name, [`fake:///${name}`], { found: true })));
		lab.apply();
		const found = discover();
		lab.provider.list(ALL);
		expect([lab.seen("a"), found.approve("a")]).toEqual(["removing 1", false]);
		found.stop();
	});

	it("of a registry that the config does not name any more is removed after the grace", () => {
		const names = ["a", "b", "c", "d", "e"];
		lab.catalog.setTimes({ removalGrace: 30_000, syncDeadline: 10_000, guard: {} });
		lab.catalog.restore(names.map((name) => saved(name, [`fake:///${name}`], { found: true })));
		lab.apply();
		const found = new DiscoveredServices(lab.provider.registry, lab.catalog, () => 10_000);
		found.apply([]);
		expect(lab.seen("a")).toBe("removing 1");
		found.stop();
	});
});

const ALL = "fake:///*";

function discover(target = ALL): DiscoveredServices {
	const found = new DiscoveredServices(lab.provider.registry, lab.catalog, () => 10_000);
	const settings = { protocol: "http1", connectTimeout: 5_000 } as const;
	found.apply([{ target: parseTarget(target), name: "{service}", settings }]);
	return found;
}
