import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { didYouMean, editDistance, nearestWord } from "../../../src/util/text/suggest.js";

const KEYS = ["target", "targets", "endpoints", "protocol", "connectTimeout", "weight", "health"];

describe("suggestions", () => {
	it.each([
		["endpoint", "endpoints"],
		["wieght", "weight"],
		["connecttimeout", "connectTimeout"],
		["connect_timeout", "connectTimeout"],
		["HEALTH", "health"],
	])("takes %s for %s", (word, meant) => {
		expect(nearestWord(word, KEYS)).toBe(meant);
	});

	it("suggests nothing where nothing is near", () => {
		expect(nearestWord("loadBalancer", KEYS)).toBeUndefined();
		expect(didYouMean("x", KEYS)).toBe("");
	});

	it("counts a swap of neighbours as one mistake", () => {
		expect(editDistance("wieght", "weight")).toBe(1);
		expect(editDistance("", "abc")).toBe(3);
	});

	it("is a distance: symmetric, 0 exactly for equal words, at most the longer word's length", () => {
		const word = fc.stringMatching(/^[ab]{0,8}$/);
		fc.assert(
			fc.property(word, word, (a, b) => {
				const distance = editDistance(a, b);
				expect(distance).toBe(editDistance(b, a));
				expect(distance === 0).toBe(a === b);
				expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
				expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
			}),
		);
	});
});
