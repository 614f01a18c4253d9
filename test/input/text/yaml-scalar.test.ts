import fc from "fast-check";
import { expect, it } from "vitest";
import { parseDocument } from "yaml";
import { plainScalar } from "../../../src/input/text/yaml-scalar.js";
import { randomRuns } from "../../random-runs.js";

const RUNS = randomRuns(1_000);

it("is of YAML 1.2's core schema, as another library has it", () => {
	const text = fc.oneof(
		fc.stringMatching(/^[-+.0-9a-fxoEeInN]{1,6}$/),
		fc.constantFrom(..."null Null nULL ~ true TRUE tRUE false .inf -.INF .nan -.nan 0x1F 0o17 1e3 1. .5 .".split(" ")),
	);
	fc.assert(
		fc.property(text, (source) => {
			const document = parseDocument(`a: ${source}`);
			fc.pre(document.errors.length === 0);
			const { a } = document.toJS() as { a: unknown };
			fc.pre(typeof a !== "object" || a === null);
			expect(plainScalar(source)).toEqual(a);
		}),
		RUNS,
	);
});
