import { describe, expect, it, vi } from "vitest";
import type { SavedService } from "../../../src/catalog/keep/saved.js";
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
		vi.advanceTimersByTime(10_000);
		expect([lab.seen("old"), lab.seen("gone")]).toEqual(["absent", "removing 1"]);
		vi.advanceTimersByTime(20_000);
		expect(lab.seen("gone")).toBe("absent");
	});

	it("of a registry is served until the registry has answered without it", () => {
		lab.catalog.restore([saved("a", [A], { found: true }), saved("b", [B], { found: true })]);
		lab.apply();
		expect([lab.seen("a"), lab.seen("b")]).toEqual(["stale 1", "stale 1"]);
		expect(lab.catalog.saved("a")).toMatchObject({ found: true });
		lab.catalog.found("a", service("a", [A]));
		lab.catalog.confirmFound();
		expect([lab.seen("a"), lab.seen("b")]).toEqual(["stale 1", "removing 1"]);
		expect(lab.provider.started(A)).toBe(1);
	});
});
