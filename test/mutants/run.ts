import { randomInt } from "node:crypto";
import { globSync } from "node:fs";
import { parseArgs } from "node:util";
import { isEquivalent } from "./equivalent.js";
import { findMutants, type Mutant, withMutant } from "./find-mutants.js";
import { Judge } from "./judge.js";
import { seededSample } from "./seeded-sample.js";
import { TestProcess } from "./test-process.js";
import { TestsOf } from "./tests-of.js";
import { TreeCopy } from "./tree-copy.js";

const FOLDERS = ["src/server/protocol", "src/cache", "src/catalog", "src/resources"];
/** Of a hundred. */
const AT_LEAST = 95;

const HELP = `Usage: npm run mutants -- [options] [FOLDER | FILE | FILE:LINE ...]

Puts one slip at a time into a copy of the project, and sees whether the unit tests notice.
Exits 1 where fewer than ${AT_LEAST} % are noticed.

  FOLDER …       where the slips are made (${FOLDERS.join(" ")})
  --count N      how many of them, by chance (100)
  --seed N       which ones; a run without it chooses one, and prints it
  --near         only the tests of the slip's own room are run: quicker, and more is left alive
  --list         prints them, and tries none
`;

const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		...{ count: { type: "string", default: "100" }, seed: { type: "string" } },
		near: { type: "boolean", default: false },
		...{ list: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
	},
});

if (options.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
	using tree = new TreeCopy();
	process.once("SIGINT", () => process.exit(130));
	process.once("SIGTERM", () => process.exit(143));
	process.once("exit", () => tree[Symbol.dispose]());
	const all = mutantsOf(positionals.length > 0 ? positionals : FOLDERS, tree);
	const seed = number("seed", options.seed) ?? randomInt(2 ** 31);
	const chosen = seededSample(all, number("count", options.count) ?? 0, seed);
	console.log(`${chosen.length} of ${all.length} mutants, seed ${seed}`);
	if (options.list) for (const mutant of chosen) console.log(describe(mutant, tree));
	else await tryAll(chosen, tree, seed);
}

async function tryAll(chosen: readonly Mutant[], tree: TreeCopy, seed: number): Promise<void> {
	using tests = new TestProcess(tree.folder, seed);
	const files = globSync("{src,test,lab,bench}/**/*.{ts,mjs}", { cwd: tree.folder });
	const testsOf = new TestsOf(await tests.tests(), new Map(files.map((file) => [file, tree.read(file)])));
	const judge = new Judge(tree, tests, testsOf, options.near);
	const alive: string[] = [];
	for (const [i, mutant] of chosen.entries()) {
		const begun = performance.now();
		const { fate, by } = await judge.try(mutant);
		const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
		const place = `${mutant.file}:${mutant.line}`;
		console.log(`${i + 1}/${chosen.length} ${fate} ${place} (${seconds} s)${by === undefined ? "" : ` by ${by}`}`);
		if (fate !== "alive") continue;
		alive.push(describe(mutant, tree));
		console.log(alive.at(-1));
	}
	const killed = chosen.length - alive.length;
	console.log(
		[`\nAlive:`, ...alive, `\n${killed} of ${chosen.length} killed`].slice(alive.length > 0 ? 0 : 1).join("\n"),
	);
	if (killed * 100 < chosen.length * AT_LEAST) process.exitCode = 1;
}

/** @param places folders, files, and lines of files */
function mutantsOf(places: readonly string[], tree: TreeCopy): Mutant[] {
	return places.flatMap((place) => {
		const [, path = "", line] = /^(.*?)\/?(?::(\d+))?$/.exec(place) ?? [];
		const files = path.endsWith(".ts") ? [path] : globSync(`${path}/**/*.ts`, { cwd: tree.folder }).sort();
		if (files.length === 0) throw new Error(`${place}: there is no TypeScript`);
		const found = files.flatMap((file) => {
			const source = tree.read(file);
			return findMutants(file, source).filter((mutant) => !isEquivalent(mutant, source));
		});
		return line === undefined ? found : found.filter((mutant) => mutant.line === Number(line));
	});
}

/** The lines that differ, as a diff shows them. */
function describe(mutant: Mutant, tree: TreeCopy): string {
	const before = tree.read(mutant.file);
	const from = before.lastIndexOf("\n", mutant.start - 1) + 1;
	const after = withMutant(before, mutant);
	const to = mutant.start + mutant.text.length;
	const lines = (text: string, end: number) => text.slice(from, `${text}\n`.indexOf("\n", end)).split("\n");
	return [
		`${mutant.file}:${mutant.line}`,
		...lines(before, mutant.end).map((line) => `  - ${line.trim()}`),
		...lines(after, to).map((line) => `  + ${line.trim()}`),
	].join("\n");
}

function number(name: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	if (/^\d+$/.test(text)) return Number(text);
	throw new Error(`--${name} ${text}: expected a whole number`);
}
