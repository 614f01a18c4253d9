import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../../..");
const RULE = /\b[RG]\d{1,2}\b/g;
const RULES = [
	...Array.from({ length: 46 }, (_, i) => `R${i + 1}`),
	...Array.from({ length: 13 }, (_, i) => `G${i + 1}`),
];

interface Row {
	readonly specification: readonly string[];
	/** Source files, or none where the rule is kept by construction. */
	readonly keptBy: readonly string[];
	readonly byConstruction: boolean;
	readonly shownBy: readonly string[];
}

const rows = new Map(
	readFileSync(join(ROOT, "docs/protocol-rules.md"), "utf8")
		.split("\n")
		.map((line) => /^\| ([RG]\d+) +\| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/.exec(line))
		.filter((match) => match !== null)
		.map(([, rule = "", specification = "", keptBy = "", shownBy = ""]): [string, Row] => [
			rule,
			{
				specification: linksIn(specification),
				keptBy: linksIn(keptBy),
				byConstruction: keptBy.startsWith("by construction: "),
				shownBy: linksIn(shownBy),
			},
		]),
);

/** Paths of files from the root of the project, and addresses as they are. */
function linksIn(text: string): string[] {
	return [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, path = ""]) => path.replace(/^\.\.\//, ""));
}

const named = (file: string) => new Set(readFileSync(join(ROOT, file), "utf8").match(RULE));

function filesIn(folder: string): string[] {
	return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
		.map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
		.filter((path) => path.endsWith(".ts") && !path.startsWith("src/gen/"));
}

describe("the table of rules in docs/protocol-rules.md", () => {
	it("has each rule once, in order", () => {
		expect([...rows.keys()]).toEqual(RULES);
	});

	it.each(RULES)("says of %s what specifies it, which file keeps it and which test shows it", (rule) => {
		const { specification, keptBy, byConstruction, shownBy } = rows.get(rule) as Row;
		expect(specification).not.toEqual([]);
		for (const address of specification) expect(address).toMatch(/^https:\/\//);
		expect(keptBy.length > 0, "either a file keeps it, or it holds by construction").toBe(!byConstruction);
		expect(shownBy).not.toEqual([]);
		for (const file of keptBy) expect(file).toMatch(/^src\/.*\.ts$/);
		for (const file of [...keptBy, ...shownBy]) {
			expect(existsSync(join(ROOT, file)), file).toBe(true);
			expect([...named(file)], `${file} does not name ${rule}`).toContain(rule);
		}
	});

	it("has every rule that a file of the source names", () => {
		for (const file of filesIn("src")) {
			for (const rule of named(file)) expect(RULES, `${file} names ${rule}`).toContain(rule);
		}
	});

	it("names every transcript in the row of the rule that it begins with", () => {
		const inRows = [...rows].flatMap(([rule, { shownBy }]) =>
			shownBy
				.filter((file) => file.includes("/transcripts/") && new RegExp(`/${rule.replace("R", "R0?")}-`).test(file))
				.map((file) => `${rule} ${basename(file)}`),
		);
		const transcripts = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt"));
		const expected = transcripts.map((name) => `R${Number(/^R(\d+)-/.exec(name)?.[1])} ${name}`);
		expect(inRows.sort()).toEqual(expected.sort());
	});

	it("names in a rule's row every test that has the rule in its name", () => {
		const missing = filesIn("test")
			.filter((file) => file.endsWith(".test.ts") && !file.includes("/transcripts/"))
			.flatMap((file) => {
				const names = readFileSync(join(ROOT, file), "utf8").matchAll(/\b(?:it|describe)\(\s*["`]([^"`]*)["`]/g);
				const rules = new Set([...names].flatMap(([, name = ""]) => name.match(RULE) ?? []));
				return [...rules].filter((rule) => !rows.get(rule)?.shownBy.includes(file)).map((rule) => `${rule} ${file}`);
			});
		expect(missing).toEqual([]);
	});
});
