import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Mutant, withMutant } from "./find-mutants.js";
import { runTests, type TestRun } from "./test-run.js";
import type { TreeCopy } from "./tree-copy.js";

/** A mutant whose tests take this much longer than without it counts as killed: it hangs. */
const TOO_LONG = { factor: 5, atLeast: 30_000 };

/** What became of a mutant, and the test file that noticed it. */
export interface Verdict {
	readonly fate: "killed" | "killed by time" | "alive";
	readonly by: string | undefined;
}

/** Tries mutants in a copy of the tree. */
export class Judge {
	readonly #tree: TreeCopy;
	readonly #nearOnly: boolean;
	/** Runs without a mutant, by what was run. */
	readonly #plain = new Map<string, Promise<TestRun>>();

	/** @param nearOnly whether what no test of the file's room notices counts as alive. */
	constructor(tree: TreeCopy, nearOnly: boolean) {
		this.#tree = tree;
		this.#nearOnly = nearOnly;
	}

	/**
	 * First by the tests of the file's room, which are few, then by all that import the file.
	 * @throws Error where the tests fail without the mutant
	 */
	async try(mutant: Mutant): Promise<Verdict> {
		const { file } = mutant;
		const near = this.#nearestTests(file);
		const runs = [...(near ? [["run", near]] : []), ...(this.#nearOnly ? [] : [["related", "--run", file]])];
		for (const args of runs) {
			const { took } = await this.#withoutMutant(args);
			const limit = Math.max(TOO_LONG.atLeast, TOO_LONG.factor * took);
			const { outcome, failed } = await this.#withMutant(mutant, () => runTests(this.#tree.folder, args, limit));
			if (outcome !== "passed") return { fate: outcome === "failed" ? "killed" : "killed by time", by: failed };
		}
		return { fate: "alive", by: undefined };
	}

	async #withMutant<T>(mutant: Mutant, run: () => Promise<T>): Promise<T> {
		const source = this.#tree.read(mutant.file);
		this.#tree.write(mutant.file, withMutant(source, mutant));
		try {
			return await run();
		} finally {
			this.#tree.write(mutant.file, source);
		}
	}

	#withoutMutant(args: readonly string[]): Promise<TestRun> {
		const key = args.join(" ");
		const known = this.#plain.get(key) ?? this.#mustPass(args);
		this.#plain.set(key, known);
		return known;
	}

	async #mustPass(args: readonly string[]): Promise<TestRun> {
		const run = await runTests(this.#tree.folder, args, 1_200_000);
		if (run.outcome === "passed") return run;
		throw new Error(`vitest ${args.join(" ")} fails without a mutant:\n${run.output.slice(-4_000)}`);
	}

	/** The folder of test/ that mirrors the room of the file: one of src/, or of src/server/. */
	#nearestTests(file: string): string | undefined {
		const [, room = "", floor = ""] = file.split("/");
		const folder = `test/${room === "server" ? `${room}/${floor}` : room}/`;
		return existsSync(join(this.#tree.folder, folder)) ? folder : undefined;
	}
}
