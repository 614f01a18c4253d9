// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of configs
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { type Finding, formatProblem } from "../../../src/input/problem.js";
import { placeFindings, readText } from "../../../src/input/text/read-text.js";
import { randomRuns } from "../../random-runs.js";

const RUNS = randomRuns(1_000);
const LIMIT_MS = 20_000 + RUNS.numRuns * 20;

function problemsOf(text: string): readonly string[] {
	return readText(text, { file: "f.yaml" }).problems.map(formatProblem);
}

function readValue(text: string): unknown {
	expect(problemsOf(text)).toEqual([]);
	return readText(text, { file: "f.yaml" }).value;
}

function placeOf(text: string, path: readonly PropertyKey[], at: Finding["at"] = "value") {
	return placeFindings(text, [{ path, at, message: "wrong" }], { file: "f" })[0];
}

describe("a text", () => {
	it.each([
		["an empty text", "", "f.yaml:1:1 the file is empty"],
		["only comments", "# nothing\n\n", "f.yaml:1:1 the file is empty"],
		["only a byte order mark", "\uFEFF", "f.yaml:1:1 the file is empty"],
		["only the mark of a document", "---\n", "f.yaml:1:1 the file is empty"],
		["a tab as indentation", "a:\n\tb: 1", "f.yaml:2:1 a tab is not allowed as indentation; use spaces"],
		["two documents", "a: 1\n---\nb: 2", "f.yaml:2:1 only one document is allowed; remove the --- between them"],
		[
			"two documents with marks",
			"--- \na: 1\n---\nb: 2",
			"f.yaml:3:1 only one document is allowed; remove the --- between them",
		],
		["an alias without its anchor", "a: *x", "f.yaml:1:4 there is no anchor &x before this alias"],
		[
			"an alias within its anchor",
			"a: &x [1, *x]",
			"f.yaml:1:11 this alias stands within the very value that it repeats",
		],
		["an unknown tag", "a: !secret x", "f.yaml:1:4 not valid YAML: unresolved tag: !secret"],
		["a tag of another kind", "a: !!map [x]", "f.yaml:1:4 not valid YAML: unresolved tag: !!map"],
		["a value that its tag does not fit", "a: !!int x", "f.yaml:1:4 not valid YAML: this is not a !!int"],
		["a tag directive", "%TAG ! !x\n---\na: 1", "f.yaml:1:1 a %TAG directive is not understood; leave it out"],
		["a duplicate key", "a: 1\nb: {c: 1, c: 2}", "f.yaml:2:11 b.c: duplicate key; the first one is on line 2"],
		["a duplicate key in JSON", '{"a": 1,\n "a": 2}', "f.yaml:2:2 a: duplicate key; the first one is on line 1"],
		["a key that is a list", "[a]: 1", "f.yaml:1:1 a key must be a string"],
		["a key that is an alias", "a: &x 1\n*x : 2", "f.yaml:2:1 a key must be a string"],
		["a key that is nothing", "a: 1\n: 2", "f.yaml:2:3 a key must be a string"],
		["__proto__", "a: {__proto__: 1}", 'f.yaml:1:5 a.__proto__: the key "__proto__" is not allowed'],
		["__proto__ in JSON", '{"__proto__": 1}', 'f.yaml:1:2 __proto__: the key "__proto__" is not allowed'],
		["a merge of a list", "a: {<<: [[1]]}", "f.yaml:1:9 << takes a map or a list of maps"],
		["a merge of nothing", "a:\n  <<:\n", "f.yaml:2:3 << takes a map or a list of maps"],
		["two merges in a map", "a: {<<: {}, <<: {}}", 'f.yaml:1:13 a["<<"]: duplicate key; the first one is on line 1'],
		["a value with a colon", "a: b: c", 'f.yaml:1:5 a value that contains ": " must be in quotes'],
		["an @", "a: @x", "f.yaml:1:4 a string that begins with @ must be in quotes"],
		["an open quote", 'a:\n  b: "x\n  c: 1\n', 'f.yaml:2:6 this " is not closed'],
		["an open bracket", "a: [1,", "f.yaml:1:4 this [ is not closed"],
		["an open single quote", "# it's\na: 'x''\nb: [1]\n", "f.yaml:2:4 this ' is not closed"],
		[
			"an open brace behind closed ones",
			'a: {b: "}", c: [1]}\nd: {e: 1\nf: {g: 2}\n',
			"f.yaml:2:4 this { is not closed",
		],
		["an open bracket in a brace", "a: {b: [1, c: {}\nd: 1\n", "f.yaml:1:8 this [ is not closed"],
		["an open brace after a block text", 'a: |\n  {"\nb: {c: 1\n', "f.yaml:3:4 this { is not closed"],
		[
			"what goes on without indentation",
			"a:\n  b: {c: 1,\n  d: 2}\n",
			"f.yaml:3:3 indented too little for what is still open; indent this line",
		],
		["a zero byte", "a: \0", "f.yaml:1:4 not valid YAML: null byte is not allowed in input"],
	])("is told the place of %s", (_, text, problem) => {
		expect(problemsOf(text)).toContain(problem);
	});

	it("is told all problems at once", () => {
		expect(problemsOf("a: 1\na: 2\nb: 1\nb: 2")).toHaveLength(2);
	});

	it("is not told more problems than anybody reads", () => {
		expect(problemsOf("a: 1\n".repeat(5_000))).toHaveLength(1_000);
	});

	it("may have a byte order mark, CRLF and be JSON, and places stay true", () => {
		const text = '\uFEFF{\r\n  "a": {\r\n    "b": 1}}';
		expect(readValue(text)).toEqual({ a: { b: 1 } });
		expect(placeOf(text, ["a", "b"], "key")).toMatchObject({ line: 3, column: 5 });
		expect(placeOf(text, ["a", "b"])).toMatchObject({ line: 3, column: 10 });
	});

	it("keeps keys as they are written", () => {
		expect(readValue("1.10: a\ntrue: b\n0x1F: c")).toEqual({ "1.10": "a", true: "b", "0x1F": "c" });
	});

	it("has its values where they begin, and what is missing where it is missing", () => {
		const text = "a:\n  - {b: 1}\nc:\nd: |\n  text\ne: 'q'\nf: &x !!str 1\n";
		expect(placeOf(text, ["a", 0, "x"])).toMatchObject({ line: 2, column: 5, path: "a[0].x" });
		expect(placeOf(text, ["c"])).toMatchObject({ line: 3, column: 1 });
		expect(placeOf(text, ["d"])).toMatchObject({ line: 4, column: 4 });
		expect(placeOf(text, ["e"])).toMatchObject({ line: 6, column: 4 });
		expect(placeOf(text, ["f"])).toMatchObject({ line: 7, column: 13 });
		expect(placeOf(text, ["zz"])).toMatchObject({ line: 1, column: 1 });
	});

	it("has the places of what is repeated or merged where that is written", () => {
		const text = "a: &x {b: 1}\nc: *x\nd: {<<: *x}";
		expect(placeOf(text, ["c", "b"])).toMatchObject({ line: 1, column: 11 });
		expect(placeOf(text, ["d", "b"], "key")).toMatchObject({ line: 1, column: 8 });
	});
});

describe("merge keys", () => {
	it("give what the map has not itself, wherever they stand", () => {
		expect(readValue("a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a}\nc: {<<: *a, y: 3}")).toEqual({
			a: { x: 1, y: 2 },
			b: { x: 1, y: 3 },
			c: { x: 1, y: 3 },
		});
	});

	it("take of a list the first map that has a key", () => {
		const text = "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b, {x: 3, y: 3, z: 3}]}";
		expect(readValue(text)).toMatchObject({ c: { x: 1, y: 2, z: 3 } });
	});

	it("merge what was merged", () => {
		expect(readValue("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}")).toMatchObject({ c: { x: 1, y: 2 } });
	});

	it("are plain: in quotes, and in JSON, it is a key", () => {
		expect(readValue('a: {"<<": {x: 1}}')).toEqual({ a: { "<<": { x: 1 } } });
		expect(readValue('{"<<": {"x": 1}}')).toEqual({ "<<": { x: 1 } });
	});
});

describe("what would cost without end", () => {
	it("is refused where aliases repeat aliases", () => {
		let bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
		for (let i = 1; i < 9; i++)
			bomb += `a${i}: &a${i} [${Array(10)
				.fill(`*a${i - 1}`)
				.join(", ")}]\n`;
		expect(problemsOf(bomb)[0]).toMatch(
			/^f.yaml:6:\d+ aliases repeat more than 1,000,000 values; write fewer of them$/,
		);
	});

	it("is refused where merges repeat merges", () => {
		let bomb = "a0: &a0 {x: [1, 2, 3, 4, 5, 6, 7, 8, 9]}\n";
		for (let i = 1; i < 9; i++)
			bomb += `a${i}: &a${i} {${Array.from({ length: 10 }, (_, n) => `k${n}: {<<: *a${i - 1}}`).join(", ")}}\n`;
		expect(problemsOf(bomb)[0]).toMatch(/aliases repeat more than/);
	});

	it("is refused where it is nested more than 100 deep, as YAML and as JSON", () => {
		const deep = "[".repeat(50_000) + "]".repeat(50_000);
		expect(problemsOf(deep)).toEqual(["f.yaml:1:100 nested more than 100 deep"]);
		expect(problemsOf(`[${deep}`)).toEqual(["f.yaml:1:100 nested more than 100 deep"]);
		expect(readValue("[".repeat(98) + "]".repeat(98))).toBeInstanceOf(Array);
	});

	it("is refused where it has more values than memory for them, as YAML and as JSON", () => {
		for (const text of ["- a\n".repeat(2_000_000), `[[]${",[]".repeat(2_000_000)}]`]) {
			expect(problemsOf(text)).toEqual([
				expect.stringMatching(/^f.yaml: has more values than can be read \([\d,]+\); make it smaller$/),
			]);
		}
	});

	it("is not a hundred thousand aliases of one text", () => {
		const text = `- &a 127.0.0.1:80\n${"- *a\n".repeat(100_000)}`;
		expect(readValue(text)).toHaveLength(100_001);
	});
});

describe("variables", () => {
	const read = (text: string, variables: Readonly<Record<string, string>>) => readText(text, { file: "f", variables });

	it("are replaced in values, and an unquoted result is read again as a scalar", () => {
		const text = 'a: ${N}\nb: "${N}"\nc: x${N}\nd: |-\n  ${N}\n${N}: e';
		const value = { a: 80, b: "80", c: "x80", d: "80", "${N}": "e" };
		expect(read(text, { N: "80" })).toEqual({ value, problems: [], broken: false });
		expect(read('{"a": "${N}", "${N}": 1}', { N: "80" }).value).toEqual({ a: "80", "${N}": 1 });
	});

	it("without a value are told with their place, as YAML and as JSON", () => {
		for (const text of ["a:\n b: ${NONE}", '{"a":\n"b${NONE}"}']) {
			expect(read(text, {}).problems).toMatchObject([{ line: 2, message: expect.stringContaining("NONE is not set") }]);
		}
	});

	it("are not shown by what they stand for", () => {
		const place = (message: string) =>
			placeFindings("a: ${USER}:${PASS}@x", [{ path: ["a"], at: "value", message }], {
				file: "f",
				variables: { USER: "me", PASS: "s3cret:99999" },
			})[0]?.message;
		expect(place('expected a duration, not "me:s3cret:99999@x"')).toBe(
			'expected a duration, not "…"; it comes from ${USER}:${PASS}@x',
		);
		expect(place('"me:s3cret" is no host, the port must be at most 65535, not 99999')).toBe(
			'"…" is no host, the port must be at most 65535, not …; it comes from ${USER}:${PASS}@x',
		);
	});
});

const scalar = fc.oneof(
	fc.constantFrom(
		...["null", "Null", "nULL", "~", "true", "TRUE", "tRUE", "yes", "no", "on", "off", "n"],
		...["0o17", "017", "0x1F", "0b1", "1_000", "1e3", "1.", ".5", ".", "-0", "+1", "-.inf", ".NaN", "1:30", "12e03"],
		...[
			"2001-12-14",
			"'it''s'",
			'"a\\tb\\u00e9\\x41\\\n    c"',
			"a\n    b",
			'"a\n    b"',
			"'a\n\n    b'",
			"é",
			"a#b",
			"a:b",
		],
	),
	fc.stringMatching(/^[-+.0-9a-fxoEeInN]{1,6}$/),
	fc.stringMatching(/^[a-z0-9 :#,&*!|>'"%@`{}[\]?-]{1,10}$/),
);
const tagged = fc
	.tuple(fc.constantFrom("", "", "", "&a ", "&b ", "!!str ", "! "), scalar)
	.map((parts) => parts.join(""));
const alias = fc.constantFrom("*a", "*b");
const key = fc.constantFrom("a", "b", "c", "1", "true", '"q"', "'r'", "<<", "<<");
const { flow } = fc.letrec<{ flow: string; leaf: string }>((tie) => ({
	flow: fc.oneof(
		{ maxDepth: 3, withCrossShrink: true },
		tie("leaf"),
		fc
			.tuple(fc.constantFrom("", "&a ", "&b "), fc.array(tie("flow"), { maxLength: 3 }))
			.map(([anchor, items]) => `${anchor}[${items.join(", ")}]`),
		fc
			.tuple(fc.constantFrom("", "&a ", "&b "), fc.array(fc.tuple(key, tie("flow")), { maxLength: 3 }))
			.map(([anchor, pairs]) => `${anchor}{${pairs.map(([k, v]) => `${k}: ${v}`).join(", ")}}`),
	),
	leaf: fc.oneof({ weight: 3, arbitrary: tagged }, alias),
}));
const block = fc.constantFrom(
	"|\n    a\n     b\n\n",
	">-\n    a\n    b\n\n    c\n",
	"|+\n    a\n\n",
	">2\n    a\n",
	"\n    - a\n    -\n      b: c\n",
	"\n",
);
const entry = fc.tuple(key, fc.oneof({ weight: 3, arbitrary: flow }, alias, block)).map(([k, v]) => `${k}: ${v}\n`);
const documents = fc
	.tuple(
		fc.constantFrom("", "---\n", "# c\n"),
		fc.array(entry, { minLength: 1, maxLength: 5 }),
		fc.constantFrom("", "...\n"),
	)
	.map(([start, entries, end]) => start + entries.join("") + end);

/** The value by another library that keeps to YAML 1.2; undefined where that finds something wrong. */
function byAnother(text: string): { readonly value: unknown } | undefined {
	const document = parseDocument(text, { merge: true, logLevel: "error", prettyErrors: false });
	if (document.errors.length > 0 || document.warnings.length > 0) return undefined;
	try {
		return { value: document.toJS({ maxAliasCount: -1 }) };
	} catch {
		return undefined;
	}
}

describe("against another library", { timeout: LIMIT_MS }, () => {
	it("values are the same: anchors, merges, odd numbers, texts on several lines", () => {
		let compared = 0;
		fc.assert(
			fc.property(documents, (text) => {
				const { value, problems } = readText(text, { file: "f" });
				const another = byAnother(text);
				if (problems.length > 0 || !another) return;
				compared++;
				expect(value, text).toEqual(another.value);
			}),
			RUNS,
		);
		expect(compared).toBeGreaterThan(RUNS.numRuns / 20);
	});

	it("JSON is the same value, and as the YAML that it also is", () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 1, "\t"), (value, space) => {
				const wrapped = [value, { k: value }];
				const text = JSON.stringify(wrapped, null, space);
				fc.pre(!text.includes("__proto__"));
				expect(readText(text, { file: "f" })).toEqual({ value: JSON.parse(text), problems: [], broken: false });
				// A comment makes it YAML.
				const yaml = readText(`${text} # YAML`, { file: "f" });
				if (yaml.problems.length === 0) expect(yaml.value).toEqual(JSON.parse(text));
			}),
			RUNS,
		);
	});
});
