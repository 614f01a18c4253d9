import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { InvalidEndpoints, parseEndpoints } from "../../src/input/endpoint-file.js";
import { KnownEndpoints } from "../../src/input/known-endpoints.js";
import type { Problem } from "../../src/input/problem.js";
import { parseEndpointAddress } from "../../src/model/endpoint-address.js";
import { randomRuns } from "../random-runs.js";

vi.mock("../../src/model/endpoint-address.js", { spy: true });

const RUNS = randomRuns(500);
const LIMIT_MS = 300_000 + RUNS.numRuns * 20;

const item = fc.oneof(
	{ weight: 6, arbitrary: fc.nat(9).map((n) => `- 127.0.0.${n}:80\n`) },
	{
		weight: 4,
		arbitrary: fc.constantFrom(
			'- {address: "127.0.0.1:80", weight: 5}\n',
			"- {address: 127.0.0.1:80,\n   weight: 5}\n",
			"- address: 127.0.0.1:80\n  # a comment\n\n  weight: 5\n",
			"# a comment\n",
			"\n",
			"  # a comment\n",
		),
	},
	// Written in other ways, or wrong.
	fc.constantFrom(
		"-\n",
		"-  127.0.0.1:80\n",
		"- &a 127.0.0.1:80\n",
		"- *a\n",
		"- 127.0.0.1\n",
		"- address: 127.0.0.1:80\n wrong: 5\n",
		"- {address: 127.0.0.1:80,\nweight: 5}\n",
		"- {address: 127.0.0.1:80,\n- weight: 5}\n",
		"- - 127.0.0.1:80\n",
		"  - 127.0.0.1:80\n",
		"---\n",
		"a: 1\n",
		"[]\n",
		"- >\n  127.0.0.1:80\n",
		"- 127.0.0.1:80\r\n",
		"- 127.0.0.1:80",
	),
);

/** A list, and what becomes of it by changes in one or two places. */
const histories = fc.array(item, { maxLength: 10 }).chain((first) =>
	fc
		.array(fc.tuple(fc.nat(10), fc.nat(2), fc.array(item, { maxLength: 2 }), fc.boolean()), { maxLength: 5 })
		.map((changes) => {
			const texts = [first.join("")];
			let items = first;
			for (const [at, gone, added, reverse] of changes) {
				items = items.toSpliced(at, gone, ...added);
				if (reverse) items.reverse();
				texts.push(items.join(""));
			}
			return texts;
		}),
);

function outcome(text: string, known?: KnownEndpoints): unknown {
	try {
		return { list: parseEndpoints(text, "f.yaml", known) };
	} catch (error) {
		if (error instanceof InvalidEndpoints) return error.problems;
		throw error;
	}
}

describe("a file of endpoints that is read again", { timeout: LIMIT_MS }, () => {
	it("is what it would be if nothing of it were known", () => {
		let valid = 0;
		fc.assert(
			fc.property(histories, (texts) => {
				const known = new KnownEndpoints();
				for (const text of texts) {
					const whole = outcome(text);
					if (!Array.isArray(whole)) valid++;
					expect(outcome(text, known), text).toEqual(whole);
				}
			}),
			RUNS,
		);
		// Else there would be nothing to compare.
		expect(valid).toBeGreaterThan(RUNS.numRuns / 10);
	});

	it("keeps the endpoints that are written the same, wherever they stand, and checks no others", () => {
		const known = new KnownEndpoints();
		const lines = Array.from({ length: 100 }, (_, i) => `- 10.0.0.${i}:80\n`);
		const before = parseEndpoints(lines.join(""), "f.yaml", known);
		const { mock } = vi.mocked(parseEndpointAddress);
		mock.calls.length = 0;
		const after = parseEndpoints(lines.with(50, "- 10.0.1.0:80\n").toSpliced(20, 1).join(""), "f.yaml", known);
		expect(mock.calls).toEqual([["10.0.1.0:80"]]);
		expect(after[49]?.address).toBe("10.0.1.0");
		const others = before.toSpliced(50, 1).toSpliced(20, 1);
		for (const [i, e] of after.toSpliced(49, 1).entries()) expect(e).toBe(others[i]);
		mock.calls.length = 0;
		parseEndpoints(lines.reverse().join(""), "f.yaml", known);
		expect(mock.calls).toEqual([["10.0.0.50:80"], ["10.0.0.20:80"]]);
	});

	it("keeps them also where the text is JSON now, or has other comments and spaces", () => {
		const known = new KnownEndpoints();
		const list = ["127.0.0.1:80", { address: "127.0.0.2:80", weight: 5 }];
		const [a, b] = parseEndpoints(JSON.stringify(list), "f.json", known);
		const again = parseEndpoints(
			"# new\n- '127.0.0.1:80'\n- weight: 5 # of 100\n  address: 127.0.0.2:80\n",
			"f.json",
			known,
		);
		expect(again[0]).toBe(a);
		expect(again[1]).toBe(b);
	});

	it("tells each problem at its own place, however many are kept or wrong", () => {
		const known = new KnownEndpoints();
		const lines = Array.from({ length: 1_000 }, (_, i) => `- 10.0.0.1:${i + 1}\n`);
		parseEndpoints(lines.join(""), "f.yaml", known);
		const changed = lines.map((line, i) => (i % 3 === 0 ? "- 10.0.0.1:0\n" : line)).join("");
		const problems = outcome(changed, known) as readonly Problem[];
		expect(problems.map(({ line, path }) => [line, path])).toEqual(
			Array.from({ length: 334 }, (_, i) => [3 * i + 1, `[${3 * i}]`]),
		);
	});

	it("does not look for more problems than anybody reads", () => {
		const problems = outcome("- 1\n".repeat(5_000)) as readonly Problem[];
		expect(problems.length).toBeLessThan(1_500);
	});
});
