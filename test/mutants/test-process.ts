import { type ChildProcess, fork } from "node:child_process";
import type { Asked, Told } from "./vitest-child.js";

/** How a run of tests went. */
export interface TestRun {
	readonly outcome: "passed" | "failed" | "too long";
	/** The test file that failed first. */
	readonly failed: string | undefined;
	readonly why: string;
	/** Milliseconds that each file took. */
	readonly took: Readonly<Record<string, number>>;
}

/** Milliseconds until vitest must have started. */
const START_LIMIT = 300_000;

/** One vitest for many runs: it reads anew only what has changed. After a run that hangs there is another one. */
export class TestProcess implements Disposable {
	readonly #folder: string;
	readonly #seed: number;
	readonly #changed = new Set<string>();
	#child: ChildProcess | undefined;
	#tests: readonly string[] = [];

	/** @param seed of the random histories: they are the same with a slip and without it. */
	constructor(folder: string, seed: number) {
		this.#folder = folder;
		this.#seed = seed;
		// Before the tree is removed, in which it works.
		process.prependOnceListener("exit", () => this[Symbol.dispose]());
	}

	/** All unit tests. */
	async tests(): Promise<readonly string[]> {
		await this.#start();
		return this.#tests;
	}

	/** A file of the tree is another one. */
	changed(file: string): void {
		this.#changed.add(file);
	}

	/**
	 * Runs test files in this order up to the first failure.
	 * @param limit milliseconds until the run is killed, with all that it started
	 */
	async run(files: readonly string[], limit: number): Promise<TestRun> {
		const child = await this.#start();
		const asked: Asked = { changed: [...this.#changed], files };
		this.#changed.clear();
		const told = next(child, limit);
		child.send(asked);
		const answer = await told;
		if (!answer) this[Symbol.dispose]();
		if (!answer || !("why" in answer)) return { outcome: "too long", failed: undefined, why: "", took: {} };
		return { ...answer, outcome: answer.failed === undefined ? "passed" : "failed" };
	}

	[Symbol.dispose](): void {
		const pid = this.#child?.pid;
		this.#child = undefined;
		this.#changed.clear();
		if (pid === undefined) return;
		try {
			// The group: a worker that loops for ever does not end with its parent.
			process.kill(-pid, "SIGKILL");
		} catch (reason) {
			// Nothing of it is left.
			if ((reason as NodeJS.ErrnoException).code !== "ESRCH") throw reason;
		}
	}

	async #start(): Promise<ChildProcess> {
		if (this.#child) return this.#child;
		const child = fork("test/mutants/vitest-child.ts", {
			cwd: this.#folder,
			execArgv: ["--import", "./lab/ts-hook.mjs"],
			detached: true,
			stdio: ["ignore", "ignore", "inherit", "ipc"],
			env: { ...process.env, CI: "", NO_COLOR: "1", FC_SEED: `${this.#seed}` },
		});
		this.#child = child;
		const told = await next(child, START_LIMIT);
		if (!told || !("tests" in told)) throw new Error("vitest did not start");
		this.#tests = told.tests;
		return child;
	}
}

/** What the child tells next; undefined if it takes too long. */
function next(child: ChildProcess, limit: number): Promise<Told | undefined> {
	const { promise, resolve, reject } = Promise.withResolvers<Told | undefined>();
	const timer = setTimeout(resolve, limit, undefined);
	const exited = (code: number | null) => reject(new Error(`vitest ended by itself, with ${code}`));
	child.once("message", resolve);
	child.once("exit", exited);
	return promise.finally(() => {
		clearTimeout(timer);
		child.off("message", resolve);
		child.off("exit", exited);
	});
}
