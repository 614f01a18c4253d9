import { describe, expect, it } from "vitest";
import { formatPath, formatProblem, formatProblems } from "../../../src/input/problem.js";
import { YamlDocument } from "../../../src/input/yaml/yaml-document.js";

function problemsOf(text: string): readonly string[] {
	return new YamlDocument(text, "f.yaml").problems.map(formatProblem);
}

describe("a YAML document", () => {
	it.each([
		["an empty text", "", "f.yaml:1:1 the file is empty"],
		["only comments", "# nothing\n\n", "f.yaml:1:1 the file is empty"],
		["only a byte order mark", "\uFEFF", "f.yaml:1:1 the file is empty"],
		["a tab as indentation", "a:\n\tb: 1", "f.yaml:2:1 a tab is not allowed as indentation; use spaces"],
		["two documents", "a: 1\n---\nb: 2", "f.yaml:2:1 only one document is allowed; remove the --- between them"],
		["an alias without its anchor", "a: *x", "f.yaml:1:4 there is no anchor &x before this alias"],
		["an unknown tag", "a: !secret x", "f.yaml:1:4 not valid YAML: unresolved tag: !secret"],
		["a duplicate key", "a: 1\nb: {c: 1, c: 2}", "f.yaml:2:11 b.c: this key is there twice; the first is in line 2"],
		["a key that is a list", "[a]: 1", "f.yaml:1:1 a key must be a text"],
		["__proto__", "a: {__proto__: 1}", 'f.yaml:1:5 a.__proto__: the key "__proto__" is not allowed'],
	])("tells the place of %s", (_, text, problem) => {
		expect(problemsOf(text)).toContain(problem);
	});

	it("tells all problems at once", () => {
		expect(problemsOf("a: 1\na: 2\nb: 1\nb: 2")).toHaveLength(2);
	});

	it("refuses aliases that would expand without end", () => {
		let bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
		for (let i = 1; i < 9; i++)
			bomb += `a${i}: &a${i} [${Array(10)
				.fill(`*a${i - 1}`)
				.join(", ")}]\n`;
		expect(problemsOf(bomb)).toEqual([expect.stringContaining("Excessive alias count")]);
	});

	it("refuses a text nested thousands deep instead of failing itself", () => {
		expect(problemsOf("[".repeat(50_000)).length).toBeGreaterThan(0);
	});

	it("takes a byte order mark, CRLF and JSON, and places stay true", () => {
		const document = new YamlDocument('\uFEFF{\r\n  "a": {\r\n    "b": 1}}', "f.json");
		expect(document.problems).toEqual([]);
		expect(document.value).toEqual({ a: { b: 1 } });
		expect(document.problem(["a", "b"], "key", "x")).toMatchObject({ line: 3, column: 5 });
		expect(document.problem(["a", "b"], "value", "x")).toMatchObject({ line: 3, column: 10 });
	});

	it("keeps keys as they are written", () => {
		expect(new YamlDocument("1.10: a\ntrue: b\n0x1F: c", "f").value).toEqual({ "1.10": "a", true: "b", "0x1F": "c" });
	});

	it("places what is missing at what it is missing from, and nothing at its key", () => {
		const document = new YamlDocument("a:\n  - {b: 1}\nc:\n", "f");
		expect(document.problem(["a", 0, "x"], "value", "")).toMatchObject({ line: 2, column: 5, path: "a[0].x" });
		expect(document.problem(["c"], "value", "")).toMatchObject({ line: 3, column: 1 });
		expect(document.problem(["zz"], "value", "")).toMatchObject({ line: 1, column: 1 });
	});

	it("follows an alias to where the value is written", () => {
		const document = new YamlDocument("a: &x {b: 1}\nc: *x", "f");
		expect(document.problem(["c", "b"], "value", "")).toMatchObject({ line: 1, column: 11 });
	});

	it("replaces variables in texts, and reads an unquoted result again as a scalar", () => {
		const substitute = (text: string) => text.replace("$N", "80");
		const { value } = new YamlDocument('a: $N\nb: "$N"\nc: x$N\nd: |-\n  $N', "f", substitute);
		expect(value).toEqual({ a: 80, b: "80", c: "x80", d: "80" });
	});
});

describe("a problem", () => {
	it("is printed with file, line, column and path", () => {
		const place = { file: "f.yaml", line: 9, column: 16 };
		expect(formatProblem({ ...place, path: "a.b", message: "wrong" })).toBe("f.yaml:9:16 a.b: wrong");
		expect(formatProblem({ ...place, line: 0, column: 0, path: "", message: "is gone" })).toBe("f.yaml: is gone");
	});

	it("quotes keys in a path that would be misread", () => {
		expect(formatPath(["services", "a.b", "endpoints", 0])).toBe('services["a.b"].endpoints[0]');
	});

	it("is counted where there are too many to print", () => {
		const many = Array(60).fill({ file: "f", line: 1, column: 1, path: "", message: "m" });
		expect(formatProblems(many).split("\n")).toHaveLength(51);
		expect(formatProblems(many)).toMatch(/and 10 more$/);
	});
});
