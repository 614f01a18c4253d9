import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const docs = join(import.meta.dirname, "../../../../docs");
const page = readFileSync(join(docs, "protocol.md"), "utf8");
const rows = new Map(
	page
		.split("\n")
		.map((line) => /^\| (R\d+) +\| (.+?) +\| (.+?) +\|$/.exec(line))
		.filter((match) => match !== null)
		.map(([, rule, , shownBy]) => [rule as string, linksIn(shownBy as string)]),
);

function linksIn(text: string): string[] {
	return [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path as string);
}

const RULES = Array.from({ length: 46 }, (_, i) => `R${i + 1}`);

describe("the table of rules in docs/protocol.md", () => {
	it("has each rule once", () => {
		expect([...rows.keys()]).toEqual(RULES);
	});

	it.each(RULES)("%s names files that exist and are about it", (rule) => {
		const files = rows.get(rule) ?? [];
		expect(files.length).toBeGreaterThan(0);
		for (const file of files) {
			expect(readFileSync(join(docs, file), "utf8"), `${file} does not name ${rule}`).toMatch(
				new RegExp(`\\b${rule}\\b`),
			);
		}
	});

	it("names every transcript in the row of the rule that it begins with", () => {
		const named = [...rows].flatMap(([rule, files]) =>
			files.filter((file) => file.includes("/transcripts/")).map((file) => `${rule} ${file.split("/").at(-1)}`),
		);
		const transcripts = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt"));
		const expected = transcripts.map((name) => `R${Number(/^R(\d+)-/.exec(name)?.[1])} ${name}`);
		expect(named.sort()).toEqual(expected.sort());
	});
});
