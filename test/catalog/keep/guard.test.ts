import { beforeEach, describe, expect, it, vi } from "vitest";
import type { WrittenGuard } from "../../../src/model/keep/safeguards.js";
import { A, type CatalogLab, useCatalogLab } from "../catalog-lab.js";
import { at, service } from "../fake-provider.js";

let lab: CatalogLab;
useCatalogLab((created) => {
	lab = created;
});

const TIMES = { removalGrace: 30_000, syncDeadline: 10_000 };

function range(from: number, to: number): number[] {
	return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const held = (name = "web") => lab.catalog.targetsOf(name)[0]?.held;

/** What is served, in the order of the numbers. */
function served(name = "web"): number[] {
	const [, ...numbers] = lab.seen(name).split(" ");
	return numbers.map(Number).sort((a, b) => a - b);
}

function begin(endpoints: readonly (number | ReturnType<typeof at>)[], guard?: WrittenGuard): void {
	lab.apply(service("web", [A], guard === undefined ? {} : { guard }));
	lab.provider.answer(A, ...endpoints);
	lab.seen();
	vi.advanceTimersByTime(60_000);
}

beforeEach(() => lab.catalog.setTimes({ ...TIMES, guard: {} }));

describe("a source that is asked again and again", () => {
	it.each([
		{ what: "nothing left of 2", before: 2, after: [], holds: true },
		{ what: "nothing left of 1", before: 1, after: [], holds: false },
		{ what: "81 % gone", before: 100, after: range(1, 19), holds: true },
		{ what: "80 % gone", before: 100, after: range(1, 20), holds: false },
		{ what: "3 to 1", before: 3, after: [1], holds: false },
		{ what: "all replaced", before: 10, after: range(11, 20), holds: false },
		{ what: "10 replaced by 1", before: 10, after: [11], holds: true },
	])("$what: held is $holds", ({ before, after, holds }) => {
		begin(range(1, before));
		lab.provider.answer(A, ...after);
		const all = holds ? [...new Set([...range(1, before), ...after])] : after;
		expect(served()).toEqual(all.sort((a, b) => a - b));
		expect(held() !== undefined).toBe(holds);
		if (!holds) return;
		expect(lab.catalog.get("web")?.notes.join()).toContain("held");
		vi.advanceTimersByTime(59_999);
		expect(served()).toEqual(all);
		vi.advanceTimersByTime(1);
		expect(served()).toEqual(after);
		expect(held()).toBeUndefined();
		// What was believed is no reason to hold again.
		lab.provider.answer(A, ...after);
		expect(held()).toBeUndefined();
	});

	it("counts what goes within 5 s as gone at once", () => {
		begin(range(1, 10));
		lab.provider.answer(A, ...range(1, 5));
		vi.advanceTimersByTime(4_000);
		lab.provider.answer(A, 1);
		expect(served()).toEqual(range(1, 5));
		expect(held()).toMatchObject({ before: 10 });
	});

	it("believes what goes step by step", () => {
		begin(range(1, 10));
		for (const left of [5, 2, 1]) {
			lab.provider.answer(A, ...range(1, left));
			vi.advanceTimersByTime(5_000);
		}
		expect(served()).toEqual([1]);
		expect(held()).toBeUndefined();
	});

	it("takes unhealthy ones for gone, and keeps them as they were", () => {
		begin(range(1, 5));
		lab.provider.answer(A, ...range(1, 5).map((n) => at(n, { health: "unhealthy" })));
		expect(served()).toEqual(range(1, 5));
		expect(lab.catalog.get("web")?.endpoints.every(({ health }) => health === "healthy")).toBe(true);
		lab.catalog.approve("web");
		lab.seen();
		expect(lab.catalog.get("web")?.endpoints.every(({ health }) => health === "unhealthy")).toBe(true);
	});

	it("never holds what is draining, nor what was before it went", () => {
		begin(range(1, 5));
		const draining = range(1, 5).map((n) => at(n, { health: "draining" }));
		lab.provider.answer(A, ...draining);
		expect(held()).toBeUndefined();
		expect(lab.catalog.get("web")?.endpoints.every(({ health }) => health === "healthy")).toBe(true);
		lab.seen();
		expect(lab.catalog.get("web")?.endpoints.every(({ health }) => health === "draining")).toBe(true);
		lab.provider.answer(A);
		expect(served()).toEqual([]);
		expect(held()).toBeUndefined();
	});

	it("serves what drains while it is held as draining", () => {
		begin(range(1, 3));
		lab.provider.answer(A);
		lab.provider.answer(A, at(1, { health: "draining" }));
		expect(served()).toEqual([1, 2, 3]);
		expect(lab.catalog.get("web")?.endpoints[0]?.health).toBe("draining");
		expect(held()?.endpoints.length).toBe(2);
	});

	it("holds from the first time on, whatever else the source says meanwhile", () => {
		begin(range(1, 10));
		lab.provider.answer(A);
		vi.advanceTimersByTime(30_000);
		lab.provider.answer(A, 21);
		vi.advanceTimersByTime(29_999);
		expect(served()).toEqual([...range(1, 10), 21]);
		vi.advanceTimersByTime(1);
		expect(served()).toEqual([21]);
	});

	it("holds nothing any more once all that was held drains, though more than may go has gone since", () => {
		begin(range(1, 10), { maxRemovalPercent: 40 });
		lab.provider.answer(A, ...range(1, 5));
		for (const left of [4, 3, 2]) lab.provider.answer(A, ...range(1, left));
		expect(served()).toEqual([1, 2, ...range(6, 10)]);
		lab.provider.answer(A, 1, 2, ...range(6, 10).map((n) => at(n, { health: "draining" })));
		expect([served(), held()]).toEqual([[1, 2, ...range(6, 10)], undefined]);
	});

	it("serves what is new beside what is held, and lets the rest go when enough is back", () => {
		begin(range(1, 10));
		lab.provider.answer(A);
		lab.provider.answer(A, 21);
		expect(served()).toEqual([...range(1, 10), 21]);
		lab.provider.answer(A, 1, 2, 3, 21);
		expect(served()).toEqual([1, 2, 3, 21]);
		expect(held()).toBeUndefined();
	});

	it("holds from the floor or more to fewer, one too", () => {
		begin([1, 2, 3], { minEndpoints: 2, maxRemovalPercent: 100 });
		lab.provider.answer(A, 1, 2);
		expect(served()).toEqual([1, 2]);
		vi.advanceTimersByTime(60_000);
		lab.provider.answer(A, 1);
		expect(served()).toEqual([1, 2]);
		expect(held()).toMatchObject({ before: 2 });
	});

	it("does not take a failing source for one that says the same", () => {
		begin(range(1, 4));
		lab.provider.answer(A);
		vi.advanceTimersByTime(30_000);
		lab.provider.fail(A);
		vi.advanceTimersByTime(600_000);
		expect(served()).toEqual(range(1, 4));
		expect(held()?.until).toBeUndefined();
		lab.provider.answer(A);
		vi.advanceTimersByTime(59_999);
		expect(served()).toEqual(range(1, 4));
		vi.advanceTimersByTime(1);
		expect(served()).toEqual([]);
	});

	it("is asked again before what is held goes", () => {
		const refresh = vi.fn();
		lab.provider.refresh = refresh;
		begin(range(1, 4));
		lab.provider.answer(A);
		vi.advanceTimersByTime(53_999);
		expect(refresh).not.toHaveBeenCalled();
		vi.advanceTimersByTime(1);
		expect(refresh).toHaveBeenCalledTimes(1);
		lab.provider.answer(A, ...range(1, 4));
		vi.advanceTimersByTime(60_000);
		expect(served()).toEqual(range(1, 4));
	});

	it("is believed when it is approved, told how many, and where nothing is to be held", () => {
		begin(range(1, 4));
		lab.provider.answer(A);
		expect(lab.catalog.approve("web")).toBe(4);
		expect(served()).toEqual([]);
		expect(lab.catalog.approve("web")).toBe(0);
		expect(lab.catalog.approve("other")).toBeUndefined();
		lab.provider.answer(A, ...range(1, 4));
		lab.provider.answer(A);
		expect(served()).toEqual(range(1, 4));
		lab.apply(service("web", [A], { guard: "off" }));
		expect(served()).toEqual([]);
	});

	it("is believed at once where the guard is off; a target's word counts before the service's", () => {
		const [target] = service("web", [A]).targets;
		if (!target) throw new Error("no target");
		lab.apply({ ...service("web", [A], { guard: "off" }), targets: [{ ...target, guard: { holdFor: 1_000 } }] });
		lab.provider.answer(A, 1, 2);
		lab.seen();
		lab.provider.answer(A);
		expect(served()).toEqual([1, 2]);
		vi.advanceTimersByTime(1_000);
		expect(served()).toEqual([]);
		lab.apply(service("web", [A], { guard: "off" }));
		lab.provider.answer(A, 1, 2);
		lab.provider.answer(A);
		expect(served()).toEqual([]);
	});

	it("holds nothing of endpoints that are written out, and nothing that onFailure drops", () => {
		lab.apply(service("inline", [], { endpoints: range(1, 5).map((n) => at(n)) }));
		lab.apply(service("inline", [], { endpoints: [] }));
		expect(served("inline")).toEqual([]);
		lab.apply(service("web", [A], { onFailure: { keep: 1_000, after: "drop" } }));
		lab.provider.answer(A, 1, 2, 3);
		lab.provider.fail(A);
		vi.advanceTimersByTime(1_000);
		expect(served()).toEqual([]);
		lab.provider.answer(A);
		expect(served()).toEqual([]);
		expect(held()).toBeUndefined();
	});
});

describe("a source that is followed", () => {
	beforeEach(() => {
		Object.assign(lab.provider, { live: true });
	});

	it.each([
		{ what: "scaled from 20 to 3", before: 20, after: [1, 2, 3], holds: false },
		{ what: "99 % gone", before: 100, after: [1], holds: false },
		{ what: "all of 2 gone", before: 2, after: [], holds: true },
		{ what: "the only one gone", before: 1, after: [], holds: false },
	])("$what: held is $holds", ({ before, after, holds }) => {
		begin(range(1, before));
		lab.provider.answer(A, ...after);
		expect(served()).toEqual(holds ? range(1, before) : after);
	});

	it("is doubted as one that is asked when it is back from a failure, or lists anew", () => {
		begin(range(1, 20));
		lab.provider.fail(A);
		lab.provider.answer(A, 1, 2, 3);
		expect(served()).toEqual(range(1, 20));
		lab.catalog.approve("web");
		lab.provider.answer(A, ...range(1, 20));
		lab.provider.watches
			.get(A)
			?.at(-1)
			?.observer.endpoints([at(1)], { anew: true });
		expect(served()).toEqual(range(1, 20));
	});
});

describe("a source of several services", () => {
	const names = range(1, 10).map((n) => `s${n}`);
	const targetOf = (name: string) => `fake:///${name}`;

	beforeEach(() => {
		Object.assign(lab.provider, { live: true });
		lab.apply(...names.map((name) => service(name, [targetOf(name)])));
		for (const name of names) lab.provider.answer(targetOf(name), 1);
		lab.seen();
		vi.advanceTimersByTime(60_000);
	});

	const empty = (...some: readonly string[]) => {
		for (const name of some) lab.provider.answer(targetOf(name));
	};
	const full = () => names.filter((name) => served(name).length > 0).length;

	it("lets one service go empty after a second", () => {
		empty("s1");
		expect(full()).toBe(10);
		vi.advanceTimersByTime(999);
		expect(full()).toBe(10);
		vi.advanceTimersByTime(1);
		expect(full()).toBe(9);
	});

	it("lets half of them go empty, and holds more than half without a dip", () => {
		empty(...names.slice(0, 5));
		vi.advanceTimersByTime(1_000);
		expect(full()).toBe(5);
		for (const name of names) lab.provider.answer(targetOf(name), 1);
		vi.advanceTimersByTime(10_000);
		empty(...names.slice(0, 6));
		for (let i = 0; i < 59; i++) {
			vi.advanceTimersByTime(1_000);
			expect(full()).toBe(10);
		}
		expect(held("s1")).toMatchObject({ why: "registry" });
		vi.advanceTimersByTime(1_000);
		expect(full()).toBe(4);
	});

	it("counts as empty what has nothing that gets traffic, and then nothing at all", () => {
		for (const name of names.slice(0, 5)) lab.provider.answer(targetOf(name), at(1, { health: "unhealthy" }));
		empty(...names.slice(0, 5));
		expect(held("s1")).toMatchObject({ why: "waiting" });
		empty("s6");
		expect([held("s1"), held("s6")]).toMatchObject([{ why: "registry" }, { why: "registry" }]);
	});

	it("does not count as empty what has something again within the second", () => {
		empty(...names.slice(0, 5));
		lab.provider.answer(targetOf("s1"), 1);
		empty("s6");
		expect([held("s1"), held("s6")]).toMatchObject([undefined, { why: "waiting" }]);
	});

	it("brings back those that went within the 5 s before", () => {
		empty(...names.slice(0, 4));
		vi.advanceTimersByTime(2_000);
		expect(full()).toBe(6);
		empty(...names.slice(4, 6));
		expect(full()).toBe(10);
		lab.catalog.approve("s1");
		expect(full()).toBe(9);
		lab.provider.answer(targetOf("s2"), 2);
		expect([served("s2"), held("s2")]).toEqual([[2], undefined]);
	});

	it("is no registry where fewer than 4 have endpoints, nor where the guard says so", () => {
		lab.catalog.setTimes({ ...TIMES, guard: { registry: false } });
		empty(...names);
		expect(full()).toBe(0);
		lab.catalog.setTimes({ ...TIMES, guard: {} });
		vi.advanceTimersByTime(10_000);
		for (const name of names.slice(0, 3)) lab.provider.answer(targetOf(name), 1);
		vi.advanceTimersByTime(10_000);
		empty(...names.slice(0, 3));
		expect(full()).toBe(0);
	});
});
