import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable, renderTable } from "../../../src/cli/output/table.js";

describe("a table", () => {
	it("pads the columns to their widest cell, and no line ends with spaces", () => {
		const rows = [
			["a", 1, "x"],
			["long-name", 100, ""],
		];
		expect(renderTable(["NAME", "N", "LAST"], rows, { colours: false })).toBe(
			["NAME        N     LAST", "a           1     x", "long-name   100   -", ""].join("\n"),
		);
	});

	it("has as many rows as there are", () => {
		const rows = Array.from({ length: 200_000 }, (_, i) => [`row-${i}`]);
		expect(renderTable(["NAME"], rows, { colours: false }).length).toBeGreaterThan(200_000 * 6);
	});

	it("has only its headers where there are no rows", () => {
		expect(renderTable(["A", "B"], [], { colours: false })).toBe("A   B\n");
	});

	it("colours after padding, and only if asked to", () => {
		const rows = [
			[{ text: "ok", colour: "green" as const }, "x"],
			[{ text: "failed", colour: undefined }, "y"],
		];
		expect(renderTable(["STATE", "B"], rows, { colours: false })).not.toContain("\u001b");
		expect(renderTable(["STATE", "B"], rows, { colours: true }).split("\n")[1]).toBe("\u001b[32mok\u001b[39m       x");
	});

	it("never lets a text drive the terminal or break a line", () => {
		expect(printable("a\u001b[2Jb\nc\u009b\u202e")).toBe("a\\u001b[2Jb\\nc\\u009b\\u202e");
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string()), { maxLength: 5 }), (rows) => {
				const lines = renderTable(["A", "B"], rows, { colours: false }).split("\n");
				expect(lines.length).toBe(rows.length + 2);
				expect(lines.join("")).not.toMatch(/\p{Cc}/u);
			}),
		);
	});
});
