import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { YamlDocument } from "../../../src/input/yaml/yaml-document.js";
import { plainScalar } from "../../../src/input/yaml/yaml-scalar.js";
import { readYamlSubset } from "../../../src/input/yaml/yaml-subset.js";

/** FC_RUNS=50000 for a longer search. */
const RUNS = Number(process.env.FC_RUNS ?? 300);
const LIMIT_MS = 180_000 + RUNS * 10;

/** Both readers' results; the subset's may be missing, but never different. */
function bothWays(text: string) {
	const document = new YamlDocument(text, "test.yaml");
	return { quick: readYamlSubset(text), whole: document.problems.length > 0 ? undefined : { value: document.value } };
}

function expectSame(text: string): boolean {
	const { quick, whole } = bothWays(text);
	if (quick !== undefined) expect(quick, text).toEqual(whole);
	return quick !== undefined;
}

const SAMPLE = `# a comment
xds:
  listen: 127.0.0.1:18000   # ADS
removalGrace: 30s
empty:
quoted: "a: b # no comment"
single: 'x {y} [z]'
services:
  checkout: file:///etc/endpoints.yaml
  legacy: {target: "127.0.0.1:8080", connectTimeout: 1s}
  "a.b/c": {}
  payments:
    protocol: grpc
    endpoints:
      - 127.0.0.1:8080
      - {address: "127.0.0.1:8081", weight: 50, health: draining, priority: 1, hostname: b.internal,
         locality: {region: eu, zone: eu-1a}, metadata: {version: v2}}
      - address: "[::1]:80"
        weight: 0
        metadata:
          k: v
    targets:
    - target: 1.2.3.4:5
      priority: 0x10
    - a
  last: [1, -2, 3.5, true, null, ~, [a, b], {}, []]
`;

describe("the subset reader", { timeout: LIMIT_MS }, () => {
	it("reads a usual config, the same as the whole parser", () => {
		for (const text of [SAMPLE, SAMPLE.replaceAll("\n", "\r\n"), `\uFEFF${SAMPLE}`, `---\n${SAMPLE}`]) {
			expect(expectSame(text)).toBe(true);
		}
	});

	it("reads JSON, on one line and on many", () => {
		const value = new YamlDocument(SAMPLE, "test.yaml").value;
		expect(readYamlSubset(JSON.stringify(value))).toEqual({ value });
		expect(readYamlSubset(JSON.stringify(value, null, 2))).toEqual({ value });
	});

	it.each([
		["an anchor", "a: &x 1\nb: *x"],
		["a tag", "a: !!str 1"],
		["a block scalar", "a: |\n  text"],
		["an escape", 'a: "\\n"'],
		["a tab", "a:\tb"],
		["a duplicate key", "a: 1\na: 2"],
		["a scalar on two lines", "a: b\n  c"],
		["two documents", "a: 1\n---\nb: 2"],
		["a complex key", "? a\n: b"],
		["a merge key", "<<: {a: 1}"],
		["__proto__", "__proto__: 1"],
		["nothing", "# nothing\n"],
		["wrong indentation", "a:\n    b: 1\n  c: 2"],
		["a text nested thousands deep", "[".repeat(100_000)],
	])("leaves %s to the whole parser", (_, text) => {
		expect(readYamlSubset(text)).toBeUndefined();
	});

	it("never differs from the whole parser on texts that were broken at random", () => {
		const bits = [
			"\n",
			"  ",
			" ",
			"- ",
			"#",
			": ",
			":",
			"{",
			"}",
			"[",
			"]",
			",",
			'"',
			"'",
			"a",
			"1",
			"-",
			"&",
			"$",
			"\n- ",
			"\n---\n",
			"é",
		];
		const edit = fc.record({ at: fc.nat(SAMPLE.length), cut: fc.nat(4), put: fc.constantFrom("", ...bits) });
		let read = 0;
		fc.assert(
			fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), fc.boolean(), (edits, asJson) => {
				let text = asJson ? JSON.stringify(new YamlDocument(SAMPLE, "x").value, null, 1) : SAMPLE;
				for (const { at, cut, put } of edits) text = text.slice(0, at) + put + text.slice(at + cut);
				if (expectSame(text)) read++;
			}),
			{ numRuns: RUNS },
		);
		expect(read).toBeGreaterThan(0);
	});

	it("never differs from the whole parser on short texts of YAML's own characters", () => {
		const token = fc.constantFrom(
			"a",
			"b",
			"1",
			": ",
			":",
			"- ",
			"-",
			"\n",
			"\n  ",
			"\n    ",
			" ",
			"{",
			"}",
			"[",
			"]",
			", ",
			",",
			'"',
			"'",
			"#",
			"x",
			".",
			"~",
			"$",
			"|",
			"@",
			"%",
			"?",
			"!",
		);
		let read = 0;
		fc.assert(
			fc.property(fc.array(token, { minLength: 1, maxLength: 14 }), (tokens) => {
				if (expectSame(tokens.join(""))) read++;
			}),
			{ numRuns: RUNS * 5 },
		);
		expect(read).toBeGreaterThan(0);
	});

	it("reads back what was written", () => {
		const { tree } = fc.letrec((tie) => ({
			tree: fc.oneof(
				{ maxDepth: 4 },
				tie("leaf"),
				fc.array(tie("tree"), { maxLength: 4 }),
				fc.dictionary(fc.stringMatching(/^[a-z0-9_./:-]{1,8}$/), tie("tree"), { maxKeys: 4 }),
			),
			leaf: fc.oneof(
				fc.integer(),
				fc.double({ noNaN: true }),
				fc.boolean(),
				fc.constant(null),
				fc.string(),
				fc.stringMatching(/^[ -~]{0,12}$/),
			),
		}));
		fc.assert(
			fc.property(tree, fc.constantFrom(2, 4), fc.boolean(), (value, indent, indentSeq) => {
				expectSame(stringify(value, { indent, indentSeq }));
			}),
			{ numRuns: RUNS },
		);
	});

	it("reads plain scalars as the whole parser does", () => {
		const text = fc.oneof(
			fc.stringMatching(/^[-+.0-9a-fxoEeInN]{1,6}$/),
			fc.constantFrom(
				"null",
				"Null",
				"nULL",
				"~",
				"true",
				"TRUE",
				"tRUE",
				"false",
				".inf",
				"-.INF",
				".nan",
				"-.nan",
				"0x1F",
				"0o17",
				"1e3",
				"1.",
				".5",
				".",
			),
		);
		fc.assert(
			fc.property(text, (source) => {
				const document = new YamlDocument(`a: ${source}`, "x");
				fc.pre(document.problems.length === 0);
				const { a } = document.value as { a: unknown };
				fc.pre(typeof a !== "object" || a === null);
				expect(plainScalar(source)).toEqual(a);
			}),
			{ numRuns: RUNS },
		);
	});
});
