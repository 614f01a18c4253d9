import { describe, expect, it, vi } from "vitest";
import { ComparedTarget, countDifferences, type Difference } from "../../src/catalog/compared-target.js";
import type { ServiceDefinition } from "../../src/model/service.js";
import { parseTarget } from "../../src/model/target.js";
import { A, B, C, type CatalogLab, useCatalogLab } from "./catalog-lab.js";
import { at, FakeProvider, service } from "./fake-provider.js";

let lab: CatalogLab;
useCatalogLab((created) => {
	lab = created;
});

function web(target: string, compared: string | undefined): ServiceDefinition {
	return { ...service("web", [target]), ...(compared !== undefined && { compare: { with: parseTarget(compared) } }) };
}

function difference(): Difference | undefined {
	lab.catalog.flush();
	return lab.catalog.get("web")?.comparison?.difference;
}

function since(): number | undefined {
	lab.catalog.flush();
	return lab.catalog.get("web")?.comparison?.since?.getTime();
}

describe("a service that is compared with another target", () => {
	it("tells what is missing there, what is only there, and what differs", () => {
		lab.apply(web(A, B));
		lab.provider.answer(A, 1, 2, at(3), at(4, { health: "draining" }));
		expect(difference()).toBeUndefined();
		lab.provider.answer(B, at(2, { weight: 50 }), at(3, { health: "unknown", metadata: { a: "b" } }), 4, 5);
		expect(difference()).toEqual({
			missing: ["10.0.0.1:80"],
			extra: ["10.0.0.5:80"],
			differing: [
				{ address: "10.0.0.2:80", fields: ["weight"] },
				{ address: "10.0.0.4:80", fields: ["health"] },
			],
		});
	});

	it("tells nothing while nothing is known of the service itself", () => {
		lab.apply(web(A, B));
		lab.provider.answer(B, 1);
		expect([lab.seen(), difference()]).toEqual(["unknown", undefined]);
	});

	it("serves nothing of it, and is in sync whatever becomes of it", () => {
		lab.apply(web(A, B));
		lab.provider.answer(A, 1);
		expect(lab.seen()).toBe("synced 1");
		lab.provider.answer(B, 2);
		expect(lab.seen()).toBe("synced 1");
		lab.provider.fail(B);
		expect(lab.seen()).toBe("synced 1");
		expect(lab.catalog.get("web")?.comparison?.status.state).toBe("stale");
		expect(difference()?.extra).toEqual(["10.0.0.2:80"]);
	});

	it("tells since when the two have differed without a break", () => {
		lab.apply(web(A, B));
		lab.provider.answer(A, 1);
		lab.provider.answer(B, 1);
		expect([difference(), since()]).toEqual([{ missing: [], extra: [], differing: [] }, undefined]);
		vi.advanceTimersByTime(1_000);
		const begun = Date.now();
		lab.provider.answer(B, 1, 2);
		expect(since()).toBe(begun);
		vi.advanceTimersByTime(1_000);
		lab.provider.answer(B, 3);
		expect(since()).toBe(begun);
		lab.provider.answer(B, 1);
		expect(since()).toBeUndefined();
	});

	it("has its service's changes in it", () => {
		lab.apply(web(A, B));
		lab.provider.answer(B, 1);
		lab.provider.answer(A, 2);
		expect(difference()).toMatchObject({ missing: ["10.0.0.2:80"], extra: ["10.0.0.1:80"] });
		lab.provider.answer(A, 1);
		expect(difference()).toMatchObject({ missing: [], extra: [] });
	});

	it("is watched anew with the provider that serves its scheme now, and no other", () => {
		lab.apply(web(A, B));
		lab.provider.answer(A, 1);
		lab.provider.answer(B, 1);
		lab.catalog.rewatch(new Set(["dns"]));
		expect(lab.provider.started(B)).toBe(1);
		const other = new FakeProvider();
		lab.provider.registry.register("fake", other);
		lab.catalog.rewatch(new Set(["fake"]));
		expect([lab.provider.running(B), other.running(B)]).toEqual([0, 1]);
		other.answer(A, 1);
		other.answer(B, 2);
		expect(difference()).toMatchObject({ missing: ["10.0.0.1:80"], extra: ["10.0.0.2:80"] });
	});

	it("has its host names looked up, and anew by another provider of DNS", () => {
		lab.provider.registry.register("dns", lab.provider);
		lab.apply(web(A, B));
		lab.provider.answer(A, 1);
		lab.provider.answer(B, at(0, { address: "web.internal" }));
		expect(difference()).toBeUndefined();
		lab.provider.answer("dns:///web.internal:80", 2);
		expect(difference()).toMatchObject({ missing: ["10.0.0.1:80"], extra: ["10.0.0.2:80"] });
		lab.catalog.rewatch(new Set(["fake"]));
		expect(lab.provider.started("dns:///web.internal:80")).toBe(1);
		const other = new FakeProvider();
		lab.provider.registry.register("dns", other);
		lab.catalog.rewatch(new Set(["dns"]));
		expect([lab.provider.running("dns:///web.internal:80"), other.running("dns:///web.internal:80")]).toEqual([0, 1]);
		lab.catalog.stop();
		expect(other.running("dns:///web.internal:80")).toBe(0);
	});

	it("differs in priority, too", () => {
		lab.apply(web(A, B));
		lab.provider.answer(A, at(1), at(2, { priority: 1 }));
		lab.provider.answer(B, at(1, { priority: 1 }), at(2));
		expect(difference()?.differing).toEqual([
			{ address: "10.0.0.1:80", fields: ["priority"] },
			{ address: "10.0.0.2:80", fields: ["priority"] },
		]);
		expect(countDifferences({ missing: ["a"], extra: ["b", "c"], differing: difference()?.differing ?? [] })).toBe(5);
	});

	it("watches another target once it is named, none once it is not, and none while it is removed", () => {
		lab.apply(web(A, B));
		lab.apply(web(A, C));
		expect([lab.provider.running(B), lab.provider.running(C), lab.provider.started(A)]).toEqual([0, 1, 1]);
		lab.apply({ ...web(A, C), protocol: "grpc" });
		expect(lab.provider.started(C)).toBe(1);
		lab.apply(web(A, undefined));
		expect([lab.provider.running(C), lab.catalog.get("web")?.comparison]).toEqual([0, undefined]);
		lab.apply(web(A, B));
		lab.apply();
		expect(lab.provider.running(B)).toBe(0);
		lab.apply(web(A, B));
		expect(lab.provider.running(B)).toBe(1);
	});
});

it.each([
	{ count: 1_023, steps: 1 },
	{ count: 1_024, steps: 3 },
	{ count: 2_047, steps: 3 },
	{ count: 2_048, steps: 5 },
])("two lists are compared in steps of 1,024 endpoints of each: $count", ({ count, steps }) => {
	const endpoints = (health: "healthy" | "draining") =>
		Array.from({ length: count }, (_, i) => at(0, { address: `10.1.${i >> 8}.${i & 255}`, health }));
	const compared = new ComparedTarget(parseTarget(B), lab.provider.registry, () => {});
	compared.start();
	lab.provider.answer(B, ...endpoints("healthy"));
	const served = endpoints("draining");
	expect([...compared.comparison(served)]).toHaveLength(steps);
	expect(compared.comparison(served).next().value?.difference?.differing).toHaveLength(count);
	expect([...compared.comparison(undefined)]).toEqual([]);
	compared.stop();
});
