import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Backoff } from "../../src/util/backoff.js";

describe("a back-off", () => {
	it("doubles its bound up to the maximum, and begins anew after a success", () => {
		const backoff = new Backoff({ base: 1_000, max: 10_000, random: () => 1 });
		expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
		backoff.reset();
		expect(backoff.next()).toBe(1_000);
	});

	it("has a least delay, above which the rest is random", () => {
		const shares = [0, 0.5, 1, 0];
		const random = () => shares.shift() ?? 0;
		const backoff = new Backoff({ min: 1_000, base: 2_000, max: 10_000, random });
		expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([1_000, 2_500, 8_000, 1_000]);
		const fixed = new Backoff({ min: 1_000, base: 500, max: 500, random: () => 1 });
		expect(fixed.next()).toBe(1_000);
	});

	it("gives anything from 0 to the bound, for however long", () => {
		fc.assert(
			fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(2_000), (share, failures) => {
				const backoff = new Backoff({ base: 1_000, max: 300_000, random: () => share });
				for (let i = 0; i < failures; i++) backoff.next();
				expect(backoff.next()).toBeCloseTo(share * Math.min(300_000, 1_000 * 2 ** failures));
			}),
		);
	});
});
