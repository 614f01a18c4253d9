import { describe, expect, it } from "vitest";
import { RecentCounts } from "../../../src/catalog/keep/recent-counts.js";

describe("the most endpoints that a target had of late", () => {
	it("is the most of the last 5 s, with what was there at their beginning", () => {
		const counts = new RecentCounts();
		expect(counts.most(0)).toBe(0);
		counts.set(10, 0);
		counts.set(5, 1_000);
		counts.set(7, 2_000);
		expect([5_999, 6_000, 60_000].map((now) => counts.most(now))).toEqual([10, 7, 7]);
		counts.set(3, 60_000);
		expect([60_000, 64_999, 65_000].map((now) => counts.most(now))).toEqual([7, 7, 3]);
	});

	it("takes counts of the same quarter of a second for one, the largest", () => {
		const counts = new RecentCounts();
		counts.set(10, 0);
		counts.set(5, 249);
		expect(counts.most(10_000)).toBe(10);
		counts.set(4, 20_000);
		counts.set(6, 20_249);
		expect(counts.most(30_000)).toBe(6);
		counts.set(2, 40_000);
		counts.set(1, 40_250);
		expect([counts.most(45_249), counts.most(45_250)]).toEqual([2, 1]);
	});

	it("is without those that were to go", () => {
		const counts = new RecentCounts();
		counts.set(10, 0);
		counts.set(4, 1_000);
		counts.without(3);
		expect([counts.most(1_000), counts.most(6_000)]).toEqual([7, 1]);
		counts.without(9);
		expect(counts.most(6_000)).toBe(0);
	});

	it("begins anew with a count", () => {
		const counts = new RecentCounts();
		counts.set(10, 0);
		counts.reset(2, 10);
		expect(counts.most(10)).toBe(2);
	});
});
