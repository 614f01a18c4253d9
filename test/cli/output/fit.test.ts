import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderTable } from "../../../src/cli/output/table.js";

const HEADERS = ["NAME", "STATE", { text: "VERSION", optional: true } as const, "TARGETS"];
const ROW = ["checkout", "synced", "72Jy4nK9NgA", "dns:///checkout.internal.example:8080"];

function lines(columns: number | undefined, rows = [ROW]): string[] {
	return renderTable(HEADERS, rows, { colours: false, columns }).trimEnd().split("\n");
}

describe("a table in a terminal", () => {
	it("is as it is where there is room, or no terminal", () => {
		expect(lines(undefined)).toEqual(lines(200));
		expect(lines(200)[0]).toBe("NAME       STATE    VERSION       TARGETS");
	});

	it("cuts its longest cells where there is less", () => {
		expect(lines(60)).toEqual([
			"NAME      STATE   VERSION      TARGETS",
			"checkout  synced  72Jy4nK9NgA  dns:///checkout.internal.exa…",
		]);
	});

	it("leaves out what is optional where that does not do", () => {
		expect(lines(40)).toEqual(["NAME      STATE   TARGETS", "checkout  synced  dns:///checkout.inter…"]);
	});

	it("sets the cells below each other where nothing else does", () => {
		expect(lines(24)).toEqual([
			"NAME:    checkout",
			"STATE:   synced",
			"VERSION: 72Jy4nK9NgA",
			"TARGETS: dns:///checkout.internal.example:8080",
		]);
		expect(lines(24, [ROW, ROW])[4]).toBe("");
	});

	it("is never wider than the terminal as long as it is a table", () => {
		const cell = fc.string({ unit: "grapheme", maxLength: 60 });
		fc.assert(
			fc.property(
				fc.array(fc.tuple(cell, cell, cell, cell), { maxLength: 5 }),
				fc.integer({ min: 20, max: 120 }),
				(rows, columns) => {
					const text = renderTable(HEADERS, rows, { colours: false, columns });
					const isTable = !text.includes("NAME:");
					if (isTable) for (const line of text.split("\n")) expect([...line].length).toBeLessThanOrEqual(columns);
				},
			),
		);
	});

	it("has rows alone where no headers are wanted", () => {
		expect(renderTable(HEADERS, [ROW], { colours: false, headers: false })).toBe(
			"checkout   synced   72Jy4nK9NgA   dns:///checkout.internal.example:8080\n",
		);
		expect(renderTable(HEADERS, [], { colours: false, headers: false })).toBe("");
	});
});
