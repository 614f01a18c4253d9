import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { putPart, takeApart } from "../../../src/input/text/value-parts.js";
import { randomRuns } from "../../random-runs.js";

function together(value: unknown, most: number): unknown {
	const { frame, parts } = structuredClone(takeApart(value, most));
	for (const part of parts) putPart(frame, part);
	return frame;
}

function count(value: unknown): number {
	if (typeof value !== "object" || value === null) return 1;
	return 1 + Object.values(value).reduce((sum: number, each) => sum + count(each), 0);
}

describe("a value in parts", () => {
	it("is the same once it is put together, in the same order", () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 1, max: 20 }), (value, most) => {
				expect(JSON.stringify(together(value, most))).toBe(JSON.stringify(value));
			}),
			randomRuns(1_000),
		);
	});

	it("has no part of more than so many values, but where a single one is a value by itself", () => {
		const value = { services: Array.from({ length: 100 }, (_, i) => ({ name: `${i}`, endpoints: ["a", "b", "c"] })) };
		const { frame, parts } = takeApart(value, 20);
		expect(count(frame)).toBeLessThanOrEqual(20);
		for (const { entries } of parts) {
			expect(entries.reduce((sum, [, each]) => sum + count(each), 0)).toBeLessThanOrEqual(20);
		}
		expect(parts.length).toBeGreaterThan(100 / 4);
	});

	it("is one where it is small", () => {
		const value = { a: [1, 2] };
		expect(takeApart(value, 10)).toEqual({ frame: value, parts: [] });
	});

	it("has no other prototype, whatever its keys are", () => {
		const value = JSON.parse('{"__proto__": {"polluted": [1, 2, 3]}, "b": 1}');
		const whole = together(value, 2) as object;
		expect(JSON.stringify(whole)).toBe(JSON.stringify(value));
		expect(Object.getPrototypeOf(whole)).toBe(Object.prototype);
	});
});
