import { describe, expect, it, vi } from "vitest";
import type { ServiceDefinition } from "../../src/model/service.js";
import { A, type CatalogLab, useCatalogLab } from "./catalog-lab.js";
import { at, service } from "./fake-provider.js";

let lab: CatalogLab;
useCatalogLab((given) => {
	lab = given;
});

/** A definition as a program's own service has one: no targets, and an origin of its own each time. */
function own(...numbers: readonly number[]): ServiceDefinition {
	const origin = { target: "inline", at: new Date() };
	return service("web", [], { endpoints: numbers.map((n) => at(n, { origin })) });
}

/** In how many turns anything was told, since the last look. */
function told(): number {
	lab.catalog.flush();
	return lab.turns.splice(0).length;
}

describe("a service that is set", () => {
	it("is there at once, and is what it is set to last", () => {
		lab.catalog.set(own(1));
		expect(lab.seen()).toBe("synced 1");
		lab.catalog.set(own(2, 3));
		expect(lab.seen()).toBe("synced 2 3");
		lab.catalog.set(own());
		expect(lab.seen()).toBe("synced");
	});

	it("changes nothing when it is set to what it is already", () => {
		lab.catalog.set(own(1, 2));
		expect(told()).toBe(1);
		const before = lab.catalog.get("web");
		vi.advanceTimersByTime(1_000);
		lab.catalog.set(own(1, 2));
		expect([told(), lab.catalog.get("web")]).toEqual([0, before]);
		lab.catalog.set({ ...own(1, 2), protocol: "grpc" });
		expect(told()).toBe(1);
	});

	it("is neither changed nor removed by the config", () => {
		lab.catalog.set(own(1));
		lab.apply(service("web", [A]), service("other", []));
		expect(lab.provider.started(A)).toBe(0);
		lab.apply();
		expect([lab.seen(), lab.seen("other")]).toEqual(["synced 1", "removing"]);
	});

	it("takes the place of the config's, whose targets are watched no more", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 9);
		expect(lab.seen()).toBe("synced 9");
		lab.catalog.set(own(1));
		expect([lab.seen(), lab.provider.running(A)]).toEqual(["synced 1", 0]);
	});
});

describe("a service that is no longer set", () => {
	it("stays for the removal grace, then goes", () => {
		lab.catalog.set(own(1));
		expect(lab.catalog.unset("web")).toBe(true);
		expect(lab.seen()).toBe("removing 1");
		vi.advanceTimersByTime(29_999);
		expect(lab.seen()).toBe("removing 1");
		vi.advanceTimersByTime(1);
		expect(lab.seen()).toBe("absent");
	});

	it("is back when it is set again meanwhile, be it to the same", () => {
		lab.catalog.set(own(1));
		lab.catalog.unset("web");
		lab.catalog.set(own(1));
		vi.advanceTimersByTime(60_000);
		expect(lab.seen()).toBe("synced 1");
	});

	it("is the config's again with the next that is applied", () => {
		lab.catalog.set(own(1));
		lab.catalog.unset("web");
		lab.apply(service("web", [A]));
		expect(lab.seen()).toBe("stale 1");
		lab.provider.answer(A, 2);
		expect(lab.seen()).toBe("synced 2");
	});

	it("is told from one that never was set", () => {
		lab.apply(service("web", [A]));
		expect([lab.catalog.unset("web"), lab.catalog.unset("nothing")]).toEqual([false, false]);
		expect(lab.provider.running(A)).toBe(1);
	});
});
