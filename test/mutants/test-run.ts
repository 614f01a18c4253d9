import { spawn } from "node:child_process";

/** How a run of tests went; the file of the first failure, where one failed. */
export interface TestRun {
	readonly outcome: "passed" | "failed" | "too long";
	readonly failed: string | undefined;
	/** Milliseconds. */
	readonly took: number;
	readonly output: string;
}

/**
 * Runs unit tests up to the first failure, one file at a time.
 * @param args of vitest: what to run
 * @param limit milliseconds until the run is killed, with all that it started
 */
export async function runTests(folder: string, args: readonly string[], limit: number): Promise<TestRun> {
	const options = ["--project", "unit*", "--bail", "1", "--no-file-parallelism", "--color=false", "--passWithNoTests"];
	const begun = performance.now();
	const child = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", ...args, ...options], {
		cwd: folder,
		// A group of its own: a worker that loops for ever does not end with its parent.
		detached: true,
		stdio: ["ignore", "pipe", "pipe"],
		env: { ...process.env, CI: "", NO_COLOR: "1" },
	});
	const { pid } = child;
	if (pid === undefined) throw new Error("vitest did not start");
	const parts: Buffer[] = [];
	for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => parts.push(part));
	const endGroup = () => {
		try {
			process.kill(-pid, "SIGKILL");
		} catch (reason) {
			// Nothing of it is left.
			if ((reason as NodeJS.ErrnoException).code !== "ESRCH") throw reason;
		}
	};
	process.prependOnceListener("exit", endGroup);
	let late = false;
	const timer = setTimeout(() => {
		late = true;
		endGroup();
	}, limit);
	const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
	clearTimeout(timer);
	process.removeListener("exit", endGroup);
	endGroup();
	const output = Buffer.concat(parts).toString();
	return {
		outcome: late ? "too long" : code === 0 ? "passed" : "failed",
		failed: / FAIL .*?(test\/\S+)/.exec(output)?.[1],
		took: performance.now() - begun,
		output,
	};
}
