import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findNode } from "../../lab/old-node.js";
import { PATIENCE } from "../../lab/patience.js";

const ROOT = join(import.meta.dirname, "../..");
const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const VERSIONS = ["18.20.8", "20.20.2"];
const found = await Promise.all(VERSIONS.map(async (version) => [version, await findNode(version)] as const));

describe.each(found)("Node %s", (version, node) => {
	const told = `Fingerpost needs Node ${engines.node.replace(">=", "")} or later, this is ${version}`;
	const skipped = "missing" in node ? ` (skipped: ${node.missing})` : "";

	function run(...args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
		const { path } = node as { path: string };
		return new Promise((resolve) => {
			execFile(path, args, { cwd: ROOT, timeout: PATIENCE }, (error, stdout, stderr) =>
				resolve({ code: error?.code ?? 0, stdout, stderr }),
			);
		});
	}

	it.skipIf("missing" in node).each([
		["the program", "dist/main.js"],
		["what npm runs before it builds", "protos/check-node.mjs"],
	])(`is refused by %s, in one line${skipped}`, async (_, file) => {
		const { code, stdout, stderr } = await run(file, "serve");
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(/^error: [^\n]+\n$/);
		expect(stderr).toContain(told);
	});

	// Older ones cannot even load what the library imports from Node.
	if (version.startsWith("20."))
		it.skipIf("missing" in node)(`is refused by the library before anything else of it runs${skipped}`, async () => {
			const main = JSON.stringify(`${ROOT}/dist/index.js`);
			const { code, stderr } = await run(
				"--input-type=module",
				"-e",
				`await import(${main}).then(() => console.error("loaded"), (error) => console.error(error.message))`,
			);
			expect([code, stderr.trim()]).toEqual([0, told]);
		});
});
