import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const go = await run("go", ["version"]).then(
	() => true,
	() => false,
);

// The back end in Node is that of the other tests of load-aware balancing.
it.skipIf(!go)(
	`examples/orca shows back ends in Go that are used evenly${go ? "" : " (skipped: there is no go)"}`,
	async () => {
		const { stdout } = await run(process.execPath, [join(ROOT, "examples/orca/run.mjs"), "--go"], { timeout: 280_000 });
		const lines = stdout.split("\n").filter((line) => line.includes(" %"));
		// The last one may count what is left of the half minute alone.
		const use = [...(lines.at(-2) ?? "").matchAll(/(\d+) %/g)].map(([, percent]) => Number(percent));
		expect(use, stdout).toHaveLength(3);
		const mean = use.reduce((sum, each) => sum + each, 0) / 3;
		expect(mean, stdout).toBeGreaterThan(5);
		// Of whole percent.
		expect(Math.max(...use), stdout).toBeLessThanOrEqual(1.1 * mean + 1);
	},
);
