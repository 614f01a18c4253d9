import { describe, expect, it, vi } from "vitest";
import { A, B, C, type CatalogLab, useCatalogLab } from "./catalog-lab.js";
import { at, service } from "./fake-provider.js";

let lab: CatalogLab;
useCatalogLab((created) => {
	lab = created;
});

describe("a service that is defined anew", () => {
	it("keeps its watch and endpoints when only protocol or time-out change", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1);
		lab.apply(service("web", [A], { protocol: "grpc", connectTimeout: 1 }));
		expect(lab.seen()).toBe("synced 1");
		expect(lab.catalog.get("web")?.definition.protocol).toBe("grpc");
		expect([lab.provider.started(A), lab.provider.running(A)]).toEqual([1, 1]);
	});

	it("is not touched nor reported when nothing changed", () => {
		lab.apply(service("web", [A]), service("api", [], { endpoints: [at(1)] }));
		lab.provider.answer(A, 1);
		lab.catalog.flush();
		const before = [...lab.catalog.services()];
		lab.turns.length = 0;
		lab.apply(service("web", [A]), service("api", [], { endpoints: [at(1)] }), service("new", [B]));
		expect(lab.turns.map((changes) => changes.map(({ name }) => name))).toEqual([["new"]]);
		expect([...lab.catalog.services()].slice(0, 2)).toEqual(before);
		expect(lab.catalog.get("web")).toBe(before[0]);
		expect(lab.provider.started(A)).toBe(1);
	});

	it("has its inline endpoints since it was defined so", () => {
		const since = () => lab.catalog.targetsOf("web").map(({ target, lastSuccess }) => [target, lastSuccess?.getTime()]);
		const begun = Date.now();
		lab.apply(service("web", [], { endpoints: [at(1)] }));
		expect(since()).toEqual([["inline", begun]]);
		vi.advanceTimersByTime(5_000);
		lab.apply(service("web", [], { endpoints: [at(1)] }));
		expect(since()).toEqual([["inline", begun]]);
		lab.apply(service("web", [], { endpoints: [at(1)], connectTimeout: 1 }));
		expect(since()).toEqual([["inline", begun]]);
		lab.apply(service("web", [], { endpoints: [at(2)] }));
		expect(since()).toEqual([["inline", begun + 5_000]]);
	});

	it("keeps the old endpoints until the new target answers", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1);
		lab.apply(service("web", [B]));
		expect(lab.provider.running(A)).toBe(0);
		expect(lab.seen()).toBe("stale 1");
		lab.provider.fail(B);
		expect(lab.seen()).toBe("stale 1");
		lab.provider.watches.get(A)?.[0]?.observer.endpoints([at(9)]);
		expect(lab.seen()).toBe("stale 1");
		lab.provider.answer(B, 2);
		expect(lab.seen()).toBe("synced 2");
	});

	it("keeps what a replaced target gave although another target goes on answering", () => {
		lab.apply(service("web", [A, B]));
		lab.provider.answer(A, 1);
		lab.provider.answer(B, 2);
		lab.apply(service("web", [C, B]));
		expect(lab.seen()).toBe("stale 1 2");
		lab.provider.answer(B, 3);
		expect(lab.seen()).toBe("stale 1 3");
		lab.provider.answer(B, 1);
		expect(lab.seen()).toBe("stale 1");
		expect(lab.catalog.get("web")?.notes).toEqual([]);
		lab.provider.answer(C, 4);
		expect(lab.seen()).toBe("synced 1 4");
		lab.provider.answer(B, 2);
		expect(lab.seen()).toBe("synced 2 4");
	});

	it("keeps what was last known over several redefinitions without an answer", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1);
		lab.apply(service("web", [B]));
		lab.apply(service("web", [C]));
		expect(lab.seen()).toBe("stale 1");
		lab.provider.answer(C);
		expect(lab.seen()).toBe("synced");
		lab.apply(service("web", [A]));
		expect(lab.seen()).toBe("stale");
		expect(lab.catalog.get("web")?.known).toBe(true);
	});

	it("stays unknown if it was, and its deadline goes on", () => {
		lab.apply(service("web", [A]));
		vi.advanceTimersByTime(6_000);
		lab.apply(service("web", [B]));
		expect(lab.seen()).toBe("unknown");
		expect(lab.provider.running(A)).toBe(0);
		vi.advanceTimersByTime(4_000);
		expect(lab.seen()).toBe("unknown");
		expect(lab.catalog.get("web")?.overdue).toBe(true);
		lab.provider.answer(B, 1);
		expect(lab.seen()).toBe("synced 1");
		expect(lab.catalog.get("web")?.overdue).toBe(false);
	});

	it("goes from targets to endpoints written out and back", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1);
		lab.apply(service("web", [], { endpoints: [at(2)] }));
		expect(lab.seen()).toBe("synced 2");
		expect(lab.provider.running(A)).toBe(0);
		expect(lab.catalog.get("web")?.targets).toMatchObject([{ target: "inline", state: "synced" }]);
		lab.apply(service("web", [B]));
		expect(lab.seen()).toBe("stale 2");
		lab.provider.answer(B, 3);
		expect(lab.seen()).toBe("synced 3");
		lab.apply(service("web", [], { endpoints: [] }));
		expect(lab.seen()).toBe("synced");
	});
});

describe("a service that is removed", () => {
	it("stays as it was, unwatched, for exactly the grace", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1);
		lab.apply();
		expect(lab.seen()).toBe("removing 1");
		expect(lab.provider.running(A)).toBe(0);
		lab.provider.watches.get(A)?.[0]?.observer.endpoints([]);
		vi.advanceTimersByTime(29_999);
		expect(lab.seen()).toBe("removing 1");
		vi.advanceTimersByTime(1);
		expect(lab.seen()).toBe("absent");
		expect(lab.turns.at(-1)).toMatchObject([{ name: "web", previous: { state: "removing" }, current: undefined }]);
	});

	it("is not reported again by a reload within the grace, which does not begin anew", () => {
		lab.apply(service("web", [], { endpoints: [at(1)] }));
		lab.apply();
		lab.turns.length = 0;
		vi.advanceTimersByTime(20_000);
		lab.apply();
		expect(lab.turns).toEqual([]);
		vi.advanceTimersByTime(10_000);
		expect(lab.seen()).toBe("absent");
	});

	it("is back with its endpoints when it is added again within the grace", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1);
		lab.apply();
		vi.advanceTimersByTime(29_000);
		lab.apply(service("web", [A]));
		expect(lab.seen()).toBe("stale 1");
		expect([lab.provider.started(A), lab.provider.running(A)]).toEqual([2, 1]);
		vi.advanceTimersByTime(60_000);
		expect(lab.seen()).toBe("stale 1");
		lab.provider.answer(A, 2);
		expect(lab.seen()).toBe("synced 2");
	});

	it("is back target by target", () => {
		lab.apply(service("web", [A, B]));
		lab.provider.answer(A, 1, 3);
		lab.provider.answer(B, 2);
		lab.apply();
		lab.apply(service("web", [A, B]));
		lab.provider.answer(A, 1);
		expect(lab.seen()).toBe("stale 1 2");
		lab.provider.answer(B, 4);
		expect(lab.seen()).toBe("synced 1 4");
	});

	it("is a new service when it is added again after the grace", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1);
		lab.apply();
		vi.advanceTimersByTime(30_000);
		expect(lab.seen()).toBe("absent");
		lab.apply(service("web", [A]));
		expect(lab.seen()).toBe("unknown");
		expect(lab.turns.at(-1)).toMatchObject([{ name: "web", previous: undefined }]);
	});

	it("is not known either if it was not, but nobody without a version waits for it", () => {
		lab.apply(service("web", [A]));
		lab.apply();
		expect(lab.seen()).toBe("removing");
		expect(lab.catalog.get("web")).toMatchObject({ known: false, overdue: true });
		lab.apply(service("web", [A]));
		expect(lab.seen()).toBe("unknown");
		expect(lab.catalog.get("web")).toMatchObject({ known: false, overdue: false });
		vi.advanceTimersByTime(10_000);
		expect(lab.seen()).toBe("unknown");
		expect(lab.catalog.get("web")?.overdue).toBe(true);
	});

	it("is not reported again when its deadline passes meanwhile", () => {
		lab.apply(service("web", [A]));
		lab.apply();
		lab.turns.length = 0;
		vi.advanceTimersByTime(29_000);
		lab.catalog.flush();
		expect(lab.turns).toEqual([]);
	});

	it("takes the grace and deadline of its day", () => {
		lab.apply(service("web", [], { endpoints: [at(1)] }));
		lab.catalog.setTimes({ removalGrace: 5, syncDeadline: 7 });
		lab.apply(service("api", [A]));
		vi.advanceTimersByTime(5);
		expect(lab.seen("web")).toBe("absent");
		expect(lab.catalog.get("api")?.overdue).toBe(false);
		vi.advanceTimersByTime(2);
		lab.catalog.flush();
		expect(lab.catalog.get("api")?.overdue).toBe(true);
	});

	it("is watched by no other provider that serves its scheme meanwhile", () => {
		lab.apply(service("web", [A], { endpoints: [at(1)] }));
		lab.apply();
		lab.catalog.rewatch(new Set(["fake"]));
		expect([lab.provider.started(A), lab.seen()]).toEqual([1, "removing"]);
	});

	it("tells how fresh its targets were", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1);
		lab.apply();
		expect(lab.catalog.targetsOf("web")).toMatchObject([{ target: A, state: "synced", endpoints: 1 }]);
	});

	it("is saved as it was, with the time of its removal, and not while nothing is known of it", () => {
		lab.apply(service("web", [A]));
		expect(lab.catalog.saved("web")).toBeUndefined();
		lab.provider.answer(A, 1);
		lab.seen();
		expect(lab.catalog.saved("web")).toMatchObject({ name: "web", targets: [{ target: A, whole: true }] });
		expect(lab.catalog.saved("web")).not.toHaveProperty("removedAt");
		lab.apply();
		const removedAt = new Date();
		vi.advanceTimersByTime(10_000);
		expect(lab.catalog.saved("web")).toMatchObject({ removedAt, targets: [{ target: A }] });
		expect([lab.catalog.saved("web")?.found, lab.catalog.saved("nothing")]).toEqual([undefined, undefined]);
	});

	it("leaves no timer behind, also where the deadline is longer than the grace", () => {
		lab.catalog.setTimes({ removalGrace: 5, syncDeadline: 60_000 });
		lab.apply(service("web", [A]));
		lab.apply();
		vi.advanceTimersByTime(5);
		lab.catalog.flush();
		expect(vi.getTimerCount()).toBe(0);
	});
});
