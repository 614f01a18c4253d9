import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanJson, cleanText } from "../../../src/util/text/clean-text.js";

const UNCLEAN = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u;

describe("a text from outside", () => {
	it("is shown with what is not meant to be seen", () => {
		expect(cleanText("a\u001b[2J\u009b\u202e\ud800\n\té😀", { max: 99 })).toBe(
			"a\\u001b[2J\\u009b\\u202e\\ud800\\u000a\\u0009é😀",
		);
		expect(cleanText("a\u001b\n\tb\r", { max: 99, lines: true })).toBe("a\\u001b\n\tb\\u000d");
	});

	it("has an end, also where that halves a character", () => {
		expect(cleanText("abcdef", { max: 3 })).toBe("abc…");
		expect(cleanText("ab😀", { max: 3 })).toBe("ab…");
		expect(cleanText("ab😀", { max: 4 })).toBe("ab😀");
	});

	it("is cut after it was escaped, and no escape is halved", () => {
		for (let max = 1; max < 6; max++) expect(cleanText("\u001b\u001b", { max })).toBe("…");
		expect(cleanText("\u001b\u001b", { max: 6 })).toBe("\\u001b…");
		expect(cleanText("\u001b\u001b", { max: 12 })).toBe("\\u001b\\u001b");
		expect(cleanText("\u001b".repeat(10_000), { max: 600 })).toHaveLength(601);
	});

	it("can be told in a status and in a line", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, max) => {
				const clean = cleanText(text, { max });
				expect(clean).not.toMatch(UNCLEAN);
				expect(clean.length).toBeLessThanOrEqual(max + 1);
				expect(() => encodeURI(clean)).not.toThrow();
			}),
		);
	});
});

describe("clean JSON", () => {
	it("is the same value, and nothing in it is a command", () => {
		fc.assert(
			fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.constantFrom(undefined, 2), (value, indent) => {
				const json = cleanJson(JSON.stringify(value, null, indent));
				expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
				expect(json.replaceAll("\n", "")).not.toMatch(UNCLEAN);
			}),
		);
	});
});
