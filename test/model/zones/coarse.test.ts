import fc from "fast-check";
import { expect, it } from "vitest";
import { coarse } from "../../../src/model/zones/coarse.js";
import { randomRuns } from "../../random-runs.js";

it("is the number itself up to 99, and within a hundredth above", () => {
	for (let count = 0; count < 100; count++) expect(coarse(count)).toBe(count);
	expect([101, 104, 252, 999, 1_001, 16_000, 1_234_567].map(coarse)).toEqual([
		102, 104, 250, 1_000, 1_000, 16_000, 1_240_000,
	]);
	fc.assert(
		fc.property(fc.nat(100_000_000), (count) => {
			expect(Math.abs(coarse(count) - count)).toBeLessThanOrEqual(count / 100);
			expect(coarse(coarse(count))).toBe(coarse(count));
		}),
		randomRuns(2_000),
	);
});

it("never falls where the number rises", () => {
	fc.assert(
		fc.property(fc.nat(1_000_000), fc.nat(10_000), (count, more) => {
			expect(coarse(count + more)).toBeGreaterThanOrEqual(coarse(count));
		}),
		randomRuns(2_000),
	);
});
