import fc from "fast-check";
import { expect, it } from "vitest";
import { namePattern } from "../../../src/util/text/name-pattern.js";

it.each([
	["web", ["web"], ["webs", "", "wweb"]],
	["*", ["", "web"], []],
	["shop/*", ["shop/", "shop/a/b"], ["shop", "xshop/a"]],
	["*.b.*", ["a.b.c", ".b."], ["a.b", "b.c"]],
	["a*a", ["aa", "aba"], ["a"]],
	["a*b*c", ["abc", "axbxc"], ["acb", "ac"]],
	["web.1", ["web.1"], ["webx1"]],
])("%s fits %j and not %j", (pattern, fitting, others) => {
	const fits = namePattern(pattern);
	expect([fitting.filter(fits), others.filter(fits)]).toEqual([fitting, []]);
});

it("fits what the regular expression of the same meaning fits", () => {
	const letters = fc.string({ unit: fc.constantFrom("a", "b", "*") });
	fc.assert(
		fc.property(letters, letters, (pattern, name) => {
			const expected = new RegExp(`^${pattern.replaceAll("*", "[^]*")}$`).test(name);
			expect(namePattern(pattern)(name)).toBe(expected);
		}),
	);
});

it("takes no longer for a pattern that is made to take long", () => {
	const fits = namePattern("*a".repeat(5_000));
	expect(fits("b".repeat(100_000))).toBe(false);
	expect(fits("a".repeat(5_000))).toBe(true);
});
