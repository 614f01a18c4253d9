import fc from "fast-check";
import { expect, it } from "vitest";
import { LineSplitter } from "../../../../src/providers/kubernetes/api/line-splitter.js";

it("gives the same lines however they are cut", () => {
	const words = fc.array(fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "ü") }), { maxLength: 20 });
	fc.assert(
		fc.property(words, (pieces) => {
			const splitter = new LineSplitter(1_000);
			const lines = pieces.flatMap((piece) => splitter.push(piece));
			const all = pieces.join("").split("\n");
			const rest = all.pop();
			expect(lines).toEqual(all.filter((line) => line.trim() !== ""));
			expect(splitter.rest).toBe(rest);
		}),
	);
});

it("refuses a line that never ends", () => {
	const splitter = new LineSplitter(10);
	expect(splitter.push("12345\n1234567890")).toEqual(["12345"]);
	expect(() => splitter.push("1")).toThrow("a line is longer than 10 characters");
});
