import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EQUIVALENT } from "./equivalent.js";
import { findMutants, withMutant } from "./find-mutants.js";
import { seededSample } from "./seeded-sample.js";

/** What the mutants of a text are, whole. */
function mutated(source: string): string[] {
	return findMutants("a.ts", source).map((mutant) => withMutant(source, mutant));
}

describe("the mutants of", () => {
	it.each([
		["a comparison", "x(a < b);", ["x(a <= b);", ";"]],
		["a sum of numbers", "const x = a + b;", ["const x = a - b;"]],
		["two texts, none", 'const x = a + "b" + c;', []],
		["a choice", "const x = a && b;", ["const x = a || b;"]],
		["a default", "const x = a?.b ?? c;", ["const x = (a?.b);"]],
		["a default that is assigned", "a ??= b;", ["a = b;", ";"]],
		["a condition", "if (a) b();", ["if (!(a)) b();", "if (true) b();", "if (false) b();", "if (a) ;"]],
		["a loop", "while (a) b++;", ["while (!(a)) b++;", "while (false) b++;", "while (a) b--;", "while (a) ;"]],
		["a denial", "const x = !a;", ["const x = (a);"]],
		["a number", "const x = 3;", ["const x = (3 + 1);", "const x = (3 + -1);"]],
		["a truth", "const x = true;", ["const x = false;"]],
		["a list's questions", "const x = a.some(b);", ["const x = a.every(b);"]],
		["a list's parts", "const x = a.filter(b);", ["const x = (a);"]],
		[
			"a function",
			"function f() { a(); }",
			["function f() { return undefined as never;  a(); }", "function f() { ; }"],
		],
		[
			"turns for others, none",
			"function* f() { if (i % 3 === 2) yield; }",
			["function* f() { return undefined as never;  if (i % 3 === 2) yield; }"],
		],
	])("%s", (_, source, expected) => {
		expect(mutated(source).sort()).toEqual([...expected].sort());
	});

	it.each([
		["types", "type A = 1 | true; interface B { c: 2 } const x = a as 3;"],
		["imports", 'import { a } from "a";'],
		["clocks", "const x = performance.now(1);"],
		["the words of errors", "const x = new SourceFailed(a < b ? 1 : 2);"],
	])("%s, none: they say nothing about the rules", (_, source) => {
		expect(mutated(source)).toEqual([]);
	});

	it("the lines are counted from 1, behind any characters", () => {
		expect(findMutants("a.ts", "// ünïcödé 🎈\nconst x = !a;")).toMatchObject([{ file: "a.ts", line: 2 }]);
		expect(mutated("// ünïcödé 🎈\nconst x = !a;")).toEqual(["// ünïcödé 🎈\nconst x = (a);"]);
	});
});

it.each(EQUIVALENT)("a slip that nobody could notice is one of its file: $line", ({ file, line, slips = [] }) => {
	expect(existsSync(file)).toBe(true);
	const source = readFileSync(file, "utf8");
	const there = findMutants(file, source).filter((each) => source.split("\n")[each.line - 1]?.trim() === line);
	expect(there.length).toBeGreaterThan(0);
	const lines = there.map((mutant) => withMutant(source, mutant).split("\n")[mutant.line - 1]?.trim());
	expect(lines).toEqual(expect.arrayContaining([...slips]));
});

describe("a sample", () => {
	const list = Array.from({ length: 50 }, (_, i) => i);

	it("is the same for the same seed, and another for another", () => {
		expect(seededSample(list, 10, 7)).toEqual(seededSample(list, 10, 7));
		expect(seededSample(list, 10, 7)).not.toEqual(seededSample(list, 10, 8));
	});

	it("has nothing twice, and no more than there is", () => {
		expect(new Set(seededSample(list, 20, 1)).size).toBe(20);
		expect(seededSample(list, 99, 1).sort((a, b) => a - b)).toEqual(list);
	});
});
