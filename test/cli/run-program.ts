import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PATIENCE } from "../../lab/patience.js";

/** The built program. */
export const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

export interface Outcome {
	/** The exit code. */
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs the built program to its end, for at most 60 s. */
export function runProgram(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
	if (!existsSync(MAIN)) throw new Error("dist/main.js is not there: `npm run build` makes it (npm test does)");
	const options = { timeout: PATIENCE, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } };
	return new Promise((resolve, reject) => {
		execFile(process.execPath, [MAIN, ...args], options, (error, stdout, stderr) => {
			if (error && typeof error.code !== "number") reject(error);
			else resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
		});
	});
}
