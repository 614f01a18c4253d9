import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RequestRate } from "../../../src/server/transport/request-rate.js";

const KIB = 1024;

describe("the rate of a stream's requests", () => {
	it("lets a second's worth through at once, and then asks for a pause", () => {
		const rate = new RequestRate();
		const waits = Array.from({ length: 101 }, () => rate.take(100, 100, 5_000, 0));
		expect(waits.slice(0, 100).every(({ wait }) => wait === 0)).toBe(true);
		expect(waits[100]).toEqual({ wait: 50, tooMany: true });
	});

	it("is made up for by the time that passes, but not by more than a second of it", () => {
		const rate = new RequestRate();
		for (let i = 0; i < 100; i++) rate.take(100, 0, 0, 0);
		for (let i = 0; i < 50; i++) expect(rate.take(100, 0, 500, 0).tooMany).toBe(false);
		expect(rate.take(100, 0, 500, 0).tooMany).toBe(true);
		for (let i = 0; i < 100; i++) expect(rate.take(100, 0, 60_000, 0).tooMany).toBe(false);
		expect(rate.take(100, 0, 60_000, 0).tooMany).toBe(true);
	});

	it("counts large requests for more", () => {
		const rate = new RequestRate();
		expect(rate.take(100, 64 * KIB * 99, 0, 0).tooMany).toBe(false);
		expect(rate.take(100, 0, 0, 0)).toEqual({ wait: 50, tooMany: true });
		// One that is larger than a second's worth is taken, and paid for afterwards.
		expect(new RequestRate().take(100, 64 * KIB * 300, 0, 0)).toEqual({ wait: expect.closeTo(2_010), tooMany: true });
	});

	it("makes who takes long wait as long, which is no fault of its own", () => {
		const rate = new RequestRate();
		expect(rate.take(100, 0, 0, 1.9)).toEqual({ wait: 0, tooMany: false });
		expect(rate.take(100, 0, 0, 30)).toEqual({ wait: 30, tooMany: false });
	});

	it("is never above the setting for long, however the requests come", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 500 }), fc.array(fc.nat(50), { minLength: 1 }), (perSecond, gaps) => {
				const rate = new RequestRate();
				let now = 0;
				let taken = 0;
				// A client that sends whenever it is read.
				while (now < 10_000) {
					const { wait } = rate.take(perSecond, 0, now, 0);
					taken++;
					now += wait > 0 ? wait : (gaps[taken % gaps.length] ?? 0) / 1_000;
				}
				expect(taken).toBeLessThanOrEqual(perSecond * 11 + 2);
				expect(taken).toBeGreaterThanOrEqual(Math.min(perSecond * 9, perSecond + 1));
			}),
			{ numRuns: 20 },
		);
	});
});
