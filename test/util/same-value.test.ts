import fc from "fast-check";
import { expect, it } from "vitest";
import { sameValue } from "../../src/util/same-value.js";

it.each([
	[1, 1, true],
	[1, "1", false],
	[Number.NaN, Number.NaN, true],
	[null, undefined, false],
	[null, {}, false],
	[[], {}, false],
	[{}, [], false],
	[[1, 2], [2, 1], false],
	[[1], [1, 2], false],
	[{ a: 1, b: [{}] }, { b: [{}], a: 1 }, true],
	[{ a: undefined }, { b: undefined }, false],
	[{ a: 1 }, { a: 1, b: 1 }, false],
	[{ toString: 1 }, { a: 1 }, false],
])("%j and %j: %s", (a, b, same) => {
	expect(sameValue(a, b)).toBe(same);
});

it("is what JSON says", () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
			expect(sameValue(a, structuredClone(a))).toBe(true);
			if (JSON.stringify(a) !== JSON.stringify(b) && typeof a !== "object") expect(sameValue(a, b)).toBe(false);
		}),
	);
});
