import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.js";

const page = readFileSync(join(import.meta.dirname, "../../docs/cli.md"), "utf8");
const nowhere = { write: () => true };
const io = { stdout: nowhere, stderr: nowhere, env: {}, closed: new AbortController().signal };
const program = createProgram(io, () => {});

/** Every command that does something, by its words. */
function commandsOf(command: Command, path = "fingerpost"): [string, Command][] {
	const below = command.commands.map((each) => [`${path} ${each.name()}`, each] as const);
	if (below.length === 0) return [[path, command]];
	return below.flatMap(([name, each]) => commandsOf(each, name));
}

const commands = new Map(commandsOf(program));
const sections = new Map(
	page
		.split(/^## /m)
		.slice(1)
		.map((text) => [text.slice(0, text.indexOf("\n")), text] as const),
);

interface Row {
	readonly flags: string;
	/** What stands in the column of defaults; empty where the table has none. */
	readonly preset: string;
	readonly what: string;
}

function rowsOf(text: string): Row[] {
	return [...text.matchAll(/^\| `(-[^`]+)` *\|(.*)\|$/gm)].map(([, flags = "", rest = ""]) => {
		const cells = rest.split("|").map((cell) => cell.trim());
		return { flags, preset: cells.length > 1 ? (cells[0] ?? "") : "", what: cells.at(-1) ?? "" };
	});
}

/** Options of the command itself; `--help` has every one. */
function optionsOf(command: Command): readonly Option[] {
	return command.options.filter((option) => !option.hidden && option.long !== "--help");
}

describe("docs/cli.md", () => {
	it("has a section for each command, and for no other", () => {
		expect([...sections.keys()].toSorted()).toEqual([...commands.keys()].toSorted());
	});

	it("says at the beginning what the program itself takes", () => {
		const [head = ""] = page.split(/^## /m, 1);
		expect(rowsOf(head).map(({ flags }) => flags)).toEqual(optionsOf(program).map(({ flags }) => flags));
		expect(head).toContain("`-h, --help`");
	});

	describe.each([...commands])("%s", (name, command) => {
		const text = sections.get(name) ?? "";
		const rows = new Map(rowsOf(text).map((row) => [row.flags, row]));

		it("has each of its options in the table, and no other", () => {
			expect([...rows.keys()].toSorted()).toEqual(
				optionsOf(command)
					.map(({ flags }) => flags)
					.toSorted(),
			);
		});

		it("gives each default, choice and environment variable", () => {
			for (const { flags, defaultValue, defaultValueDescription, argChoices = [], envVar, negate } of optionsOf(
				command,
			)) {
				const { preset = "", what = "" } = rows.get(flags) ?? {};
				const fallback = defaultValueDescription ?? (typeof defaultValue === "string" ? defaultValue : undefined);
				if (fallback !== undefined && !negate) expect(preset.replaceAll("`", ""), flags).toBe(fallback);
				for (const choice of argChoices) expect(`${preset} ${what}`, flags).toContain(`\`${choice}\``);
				if (envVar !== undefined) expect(what, flags).toContain(`\`${envVar}\``);
				expect(what, flags).not.toBe("");
			}
		});

		it("names its arguments and what they may be", () => {
			const all = command.registeredArguments;
			for (const choice of all.flatMap(({ argChoices = [] }) => argChoices)) expect(text).toContain(choice);
			const shown = all.filter(({ argChoices }) => !argChoices).map((argument) => argument.name().toUpperCase());
			if (shown.length > 0) expect(text).toContain(`\`${[name, ...shown].join(" ")}\``);
		});
	});

	it("mentions no environment variable that no option has", () => {
		const known = [...commands.values()].flatMap((command) => command.options.map(({ envVar }) => envVar));
		const told = [...page.matchAll(/`(FINGERPOST_\w+)`/g)].map(([, name]) => name);
		expect(told.filter((name) => !known.includes(name))).toEqual([]);
	});
});
