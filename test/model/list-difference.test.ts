import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differenceOf } from "../../src/model/list-difference.js";

const list = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 });

describe("the difference of two lists", () => {
	it("is all that is to be put in place of the rest, and no more", () => {
		fc.assert(
			fc.property(list, list, (before, after) => {
				const { start, endBefore, endAfter } = differenceOf(before, after);
				expect(before.toSpliced(start, endBefore - start, ...after.slice(start, endAfter))).toEqual(after);
				const [old, young] = [before.slice(start, endBefore), after.slice(start, endAfter)];
				if (old.length > 0 && young.length > 0) {
					expect(young[0]).not.toBe(old[0]);
					expect(young.at(-1)).not.toBe(old.at(-1));
				}
			}),
		);
	});

	it("is nothing where they are the same", () => {
		expect(differenceOf([1, 2], [1, 2])).toEqual({ start: 2, endBefore: 2, endAfter: 2 });
	});
});
