import { beforeEach, describe, expect, it } from "vitest";
import { type Emptiable, SourceGuard, SourceGuards } from "../../../src/catalog/keep/source-guard.js";
import { parseTarget } from "../../../src/model/target.js";

let guard: SourceGuard;
/** Which targets were held for their registry, in order. */
let held: number[];
let targets: readonly Emptiable[];

beforeEach(() => {
	guard = new SourceGuard();
	held = [];
	targets = Array.from({ length: 10 }, (_, i): Emptiable => {
		const created = {
			holdForRegistry: () => {
				held.push(i);
				guard.isFull(created, true);
			},
		};
		return created;
	});
});

const target = (i: number) => targets[i] as Emptiable;
const fill = (count: number) => targets.slice(0, count).map((each) => guard.isFull(each, true));
const empty = (now: number, ...which: readonly number[]) => which.map((i) => guard.emptied(target(i), now));

describe("a source that empties its targets", () => {
	it.each([
		{ full: 3, verdicts: ["pass", "pass", "pass"] },
		{ full: 4, verdicts: ["waiting", "waiting", "registry", "registry"] },
		{ full: 5, verdicts: ["waiting", "waiting", "registry"] },
	])("is a registry where $full have endpoints, and it empties more than half of them", ({ full, verdicts }) => {
		fill(full);
		expect(empty(0, ...verdicts.keys())).toEqual(verdicts);
		expect(held).toEqual(verdicts.includes("registry") ? [0, 1] : []);
	});

	it("counts what was emptied less than 5 s ago", () => {
		fill(4);
		expect([empty(0, 0), empty(1, 1), empty(4_999, 2)].flat()).toEqual(["waiting", "waiting", "registry"]);
		guard = new SourceGuard();
		fill(4);
		expect([empty(0, 0), empty(1, 1), empty(5_000, 2)].flat()).toEqual(["waiting", "waiting", "waiting"]);
	});

	it("holds nothing again that was emptied before then, though it waits still", () => {
		fill(4);
		expect([empty(0, 0), empty(5_000, 1), empty(5_001, 2), empty(5_002, 3)].flat()).toEqual([
			...["waiting", "waiting", "waiting", "registry"],
		]);
		expect(held).toEqual([1, 2]);
	});

	it("does not count what is filled again, or has left", () => {
		fill(6);
		empty(0, 0, 1, 2);
		guard.filled(target(0));
		expect([empty(1, 3), held]).toEqual([["waiting"], []]);
		guard.leave(target(5));
		expect([empty(2, 4), held]).toEqual([["registry"], [1, 2, 3]]);
	});

	it("counts what has passed a moment ago, and holds it again", () => {
		fill(4);
		empty(0, 0);
		guard.passed(target(0), 1_000);
		empty(1_500, 1);
		guard.passed(target(1), 2_500);
		expect([empty(3_000, 2), held]).toEqual([["registry"], [0, 1]]);
		expect([empty(3_001, 3), held]).toEqual([["registry"], [0, 1]]);
		guard.filled(target(0));
		guard.filled(target(1));
		expect([empty(7_999, 0), empty(7_999, 1)]).toEqual([["registry"], ["registry"]]);
	});

	it("does not count what has passed and has endpoints again, as something that went", () => {
		fill(4);
		empty(0, 0, 1);
		for (const i of [0, 1]) guard.passed(target(i), 1_000);
		guard.isFull(target(0), true);
		expect([empty(1_001, 2), held]).toEqual([["waiting"], []]);
	});

	it("does not count what has no endpoints any more among those that are left", () => {
		fill(8);
		for (const i of [4, 5, 6, 7]) guard.isFull(target(i), false);
		expect(empty(0, 0, 1, 2)).toEqual(["waiting", "waiting", "registry"]);
	});

	it("forgets what waits and has left", () => {
		fill(6);
		empty(0, 0);
		guard.leave(target(0));
		expect([empty(1, 1, 2), held]).toEqual([["waiting", "waiting"], []]);
		expect([empty(2, 3), held]).toEqual([["registry"], [1, 2]]);
	});

	it("forgets what has passed and has left", () => {
		fill(5);
		empty(0, 0);
		guard.passed(target(0), 100);
		guard.leave(target(0));
		expect(empty(200, 1, 2, 3)).toEqual(["waiting", "waiting", "registry"]);
		expect(held).toEqual([1, 2]);
	});
});

it("sources are told apart by scheme and server", () => {
	const guards = new SourceGuards();
	const of = (text: string) => guards.of(parseTarget(text));
	const one = of("consul://a:8500/web");
	expect(of("consul://a:8500/cart")).toBe(one);
	expect([of("consul://b:8500/web") === one, of("http://a:8500/web") === one]).toEqual([false, false]);
});
