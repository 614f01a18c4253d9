import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const GENERATE = fileURLToPath(new URL("../protos/generate.mjs", import.meta.url));

/** Makes src/gen before the first test, so that a single test runs in a fresh clone. Nothing is done if it is there. */
export function setup(): void {
	execFileSync(process.execPath, [GENERATE], { stdio: "inherit", timeout: 120_000 });
}
