import { describe, expect, it, vi } from "vitest";
import { DROP_AT_ONCE, KEEP_FOR_EVER } from "../../../src/model/keep/safeguards.js";
import { A, B, type CatalogLab, useCatalogLab } from "../catalog-lab.js";
import { at, service } from "../fake-provider.js";

let lab: CatalogLab;
useCatalogLab((created) => {
	lab = created;
});

const healths = () => lab.catalog.get("web")?.endpoints.map(({ health }) => health);
const status = () => lab.catalog.targetsOf("web")[0];

describe("while a source fails", () => {
	it("its endpoints stay for ever unless something else is said", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1, 2);
		lab.provider.fail(A);
		vi.advanceTimersByTime(30 * 24 * 3_600_000);
		expect(lab.seen()).toBe("stale 1 2");
		expect(status()?.outage).toBeUndefined();
	});

	it("its endpoints go when it has not succeeded for as long as they may stay, and come back with an answer", () => {
		lab.apply(service("web", [A], { onFailure: { keep: 600_000, after: "drop" } }));
		lab.provider.answer(A, 1, 2);
		vi.advanceTimersByTime(100_000);
		lab.provider.fail(A);
		vi.advanceTimersByTime(499_999);
		expect(lab.seen()).toBe("stale 1 2");
		vi.advanceTimersByTime(1);
		expect(lab.seen()).toBe("stale");
		expect(status()).toMatchObject({ state: "stale", outage: "dropped", endpoints: 2 });
		const [note] = lab.catalog.get("web")?.notes ?? [];
		expect(note).toContain("has not answered since");
		lab.provider.fail(A, "another reason");
		expect(lab.seen()).toBe("stale");
		lab.provider.answer(A, 1, 2);
		expect(lab.seen()).toBe("synced 1 2");
		expect(status()?.outage).toBeUndefined();
	});

	it("its endpoints may stay for longer than a timer can wait", () => {
		const month = 30 * 24 * 3_600_000;
		lab.apply(service("web", [A], { onFailure: { keep: month, after: "drop" } }));
		lab.provider.answer(A, 1);
		lab.provider.fail(A);
		vi.advanceTimersByTime(month - 1);
		expect(lab.seen()).toBe("stale 1");
		vi.advanceTimersByTime(1);
		expect(lab.seen()).toBe("stale");
		// Then there is nothing to wait for.
		expect(vi.getTimerCount()).toBe(0);
	});

	it("counts from the failure for a source that is followed: until then it had said all", () => {
		Object.assign(lab.provider, { live: true });
		lab.apply(service("web", [A], { onFailure: { keep: 60_000, after: "drop" } }));
		lab.provider.answer(A, 1);
		vi.advanceTimersByTime(3_600_000);
		lab.provider.fail(A);
		vi.advanceTimersByTime(59_999);
		expect(lab.seen()).toBe("stale 1");
		vi.advanceTimersByTime(1);
		expect(lab.seen()).toBe("stale");
	});

	it("its endpoints are degraded, but draining ones stay as they are", () => {
		lab.apply(service("web", [A], { onFailure: { keep: 1_000, after: "degrade" } }));
		lab.provider.answer(A, at(1), at(2, { health: "draining" }), at(3, { health: "unknown" }));
		lab.provider.fail(A);
		vi.advanceTimersByTime(1_000);
		expect(lab.seen()).toBe("stale 1 2 3");
		expect(healths()).toEqual(["degraded", "draining", "degraded"]);
		lab.provider.answer(A, at(1), at(2, { health: "draining" }), at(3, { health: "unknown" }));
		lab.seen();
		expect(healths()).toEqual(["healthy", "draining", "unknown"]);
	});

	it("only that target's endpoints go, at once if so said; a source that never answered leaves the service unknown", () => {
		lab.apply({
			...service("web", [A, B]),
			targets: service("web", [A, B]).targets.map((each, i) => (i === 0 ? { ...each, onFailure: DROP_AT_ONCE } : each)),
		});
		lab.provider.answer(A, 1);
		lab.provider.answer(B, 2);
		lab.provider.fail(A);
		lab.provider.fail(B);
		expect(lab.seen()).toBe("stale 2");
		lab.apply(service("never", ["fake:///never"], { onFailure: DROP_AT_ONCE }));
		lab.provider.fail("fake:///never");
		expect(lab.seen("never")).toBe("unknown");
		expect(lab.catalog.targetsOf("never")[0]?.outage).toBeUndefined();
	});

	it("another policy counts as soon as it is said", () => {
		lab.apply(service("web", [A], { onFailure: { keep: 1_000, after: "drop" } }));
		lab.provider.answer(A, 1);
		lab.provider.fail(A);
		vi.advanceTimersByTime(5_000);
		expect(lab.seen()).toBe("stale");
		lab.apply(service("web", [A], { onFailure: KEEP_FOR_EVER }));
		expect(lab.seen()).toBe("stale 1");
		lab.apply(service("web", [A]));
		lab.catalog.setTimes({ removalGrace: 30_000, syncDeadline: 10_000, onFailure: DROP_AT_ONCE });
		expect(lab.seen()).toBe("stale");
	});
});
