import { beforeEach, expect, it } from "vitest";
import { Judge } from "./judge.js";
import type { TestRun } from "./test-process.js";
import { TestsOf } from "./tests-of.js";

const SOURCE = "x(!a);";
const MUTANT = { file: "src/a.ts", line: 1, start: 2, end: 4, text: "(a)" };
const PARTS = [["own"], ["room"], ["far"]] as const;

let text: string;
/** What is run, and whether with the slip. */
let runs: string[];
/** What the runs with the slip come to, in order; then all pass. */
let with_: Partial<TestRun>[];
/** What the runs without it come to, in order; then all pass. */
let without: Partial<TestRun>[];

beforeEach(() => {
	text = SOURCE;
	[runs, with_, without] = [[], [], []];
});

function judge(nearOnly = false): Judge {
	const write = (_: string, now: string) => {
		text = now;
	};
	const tree = { read: () => text, write };
	const process = {
		changed: () => {},
		run: async (files: readonly string[], limit: number): Promise<TestRun> => {
			const hasSlip = text !== SOURCE;
			runs.push(`${files.join(" ")} ${hasSlip ? `with it, ${limit / 1_000} s` : "without"}`);
			const passed = { outcome: "passed" as const, failed: undefined, why: "", took: {} };
			return {
				...passed,
				took: Object.fromEntries(files.map((file) => [file, 1])),
				...(hasSlip ? with_ : without).shift(),
			};
		},
	};
	return new Judge(tree, process, { of: () => PARTS }, nearOnly);
}

const failed = (file: string) => ({ outcome: "failed", failed: file }) as const;
const tooLong = { outcome: "too long" } as const;

it("a slip that all tests pass with is alive, once all were run", async () => {
	expect(await judge().try(MUTANT)).toEqual({ fate: "alive", by: undefined });
	expect(runs).toEqual(PARTS.flatMap(([part]) => [`${part} without`, `${part} with it, 30 s`]));
	expect(text).toBe(SOURCE);
	runs.length = 0;
	await judge(true).try(MUTANT);
	expect(runs.map((run) => run.split(" ")[0])).toEqual(["own", "own", "room", "room"]);
});

it("a slip is killed by what fails twice with it", async () => {
	with_ = [{}, failed("room"), failed("room")];
	expect(await judge().try(MUTANT)).toEqual({ fate: "killed", by: "room" });
	expect(runs.slice(-3)).toEqual(["room without", "room with it, 30 s", "room with it, 30 s"]);
	with_ = [failed("own")];
	expect(await judge().try(MUTANT)).toEqual({ fate: "alive", by: undefined });
});

it("a slip is killed by time where the tests are not as slow without it", async () => {
	with_ = [tooLong];
	expect(await judge().try(MUTANT)).toEqual({ fate: "killed by time", by: undefined });
	expect(runs).toEqual(["own without", "own with it, 30 s", "own without"]);
	[with_, without] = [[tooLong], [{}, { took: { own: 10_000 } }]];
	expect(await judge().try(MUTANT)).toEqual({ fate: "alive", by: undefined });
	expect(runs).toContain("own with it, 50 s");
});

it("tests that fail without a slip, twice, judge nothing", async () => {
	without = [failed("own")];
	expect((await judge().try(MUTANT)).fate).toBe("alive");
	without = [failed("own"), failed("own")];
	await expect(judge().try(MUTANT)).rejects.toThrow("own fails without a mutant");
});

it("the tests of a file are its own, those of its room, and all others that import it", () => {
	const files = {
		"src/cache/deep/a.ts": "",
		"src/cache/b.ts": 'import { a } from "./deep/a.js";',
		"src/app/c.ts": 'import { b } from "../cache/b.js";',
		"test/cache/deep/a.test.ts": "",
		"test/cache/deep/other.test.ts": "",
		"test/cache/direct.test.ts": 'import { a } from "../../src/cache/deep/a.js";',
		"test/cache/b.test.ts": 'import { b } from "../../src/cache/b.js";',
		"test/server/crowd.test.ts": 'import "./nothing.js";',
		"test/app/c.test.ts": 'import { c } from "../../src/app/c.js";',
		"test/app/d.test.ts": "",
	};
	const tests = Object.keys(files).filter((file) => file.endsWith(".test.ts"));
	expect(new TestsOf(tests, new Map(Object.entries(files))).of("src/cache/deep/a.ts")).toEqual([
		["test/cache/deep/a.test.ts", "test/cache/deep/other.test.ts", "test/cache/direct.test.ts"],
		["test/cache/b.test.ts", "test/server/crowd.test.ts"],
		["test/app/c.test.ts"],
	]);
	expect(new TestsOf(tests, new Map(Object.entries(files))).of("src/app/c.ts")).toEqual([
		...[["test/app/c.test.ts", "test/app/d.test.ts"], [], []],
	]);
});
