import { type Mutant, withMutant } from "./find-mutants.js";
import type { TestProcess, TestRun } from "./test-process.js";
import type { TestsOf } from "./tests-of.js";
import type { TreeCopy } from "./tree-copy.js";

/** A mutant whose tests take this much longer than without it counts as killed: it hangs. */
const TOO_LONG = { factor: 5, atLeast: 30_000 };
/** Milliseconds for any tests without a mutant. */
const PLAIN_LIMIT = 1_200_000;

/** What became of a mutant, and the test file that noticed it. */
export interface Verdict {
	readonly fate: "killed" | "killed by time" | "alive";
	readonly by: string | undefined;
}

/** Tries mutants in a copy of the tree. */
export class Judge {
	readonly #tree: Pick<TreeCopy, "read" | "write">;
	readonly #process: Pick<TestProcess, "run" | "changed">;
	readonly #testsOf: Pick<TestsOf, "of">;
	readonly #nearOnly: boolean;
	/** Milliseconds of each test file without a mutant, where it has passed. */
	readonly #plain = new Map<string, number>();

	/** @param nearOnly whether what no test of the file's room notices counts as alive. */
	constructor(
		tree: Pick<TreeCopy, "read" | "write">,
		process: Pick<TestProcess, "run" | "changed">,
		testsOf: Pick<TestsOf, "of">,
		nearOnly: boolean,
	) {
		this.#tree = tree;
		this.#process = process;
		this.#testsOf = testsOf;
		this.#nearOnly = nearOnly;
	}

	/**
	 * First by the file's own tests, then by those of its room, then by all that import it.
	 * @throws Error where the tests fail without the mutant
	 */
	async try(mutant: Mutant): Promise<Verdict> {
		const parts = this.#testsOf.of(mutant.file).slice(0, this.#nearOnly ? 2 : 3);
		for (const files of parts) {
			const { outcome, failed } = await this.#tryWith(mutant, files);
			if (outcome === "failed") return { fate: "killed", by: failed };
			if (outcome === "too long") return { fate: "killed by time", by: undefined };
		}
		return { fate: "alive", by: undefined };
	}

	/** A failure counts where it comes again, and a hanging where the tests are not as slow without the mutant. */
	async #tryWith(mutant: Mutant, all: readonly string[]): Promise<Pick<TestRun, "outcome" | "failed">> {
		await this.#mustPass(all.filter((file) => !this.#plain.has(file)));
		const files = all.toSorted((a, b) => this.#took([a]) - this.#took([b]));
		for (let rest = files; rest.length > 0; ) {
			const limit = this.#limit(rest);
			const { outcome, failed } = await this.#withMutant(mutant, rest, limit);
			if (outcome === "passed") break;
			if (outcome === "too long") {
				await this.#mustPass(rest);
				if (this.#limit(rest) <= limit) return { outcome, failed };
				continue;
			}
			const one = [failed as string];
			const again = await this.#withMutant(mutant, one, this.#limit(one));
			if (again.outcome !== "passed") return { outcome: "failed", failed };
			rest = rest.slice(rest.indexOf(failed as string) + 1);
		}
		return { outcome: "passed", failed: undefined };
	}

	async #withMutant(mutant: Mutant, files: readonly string[], limit: number): Promise<TestRun> {
		const source = this.#tree.read(mutant.file);
		this.#write(mutant.file, withMutant(source, mutant));
		try {
			return await this.#process.run(files, limit);
		} finally {
			this.#write(mutant.file, source);
		}
	}

	#write(file: string, text: string): void {
		this.#tree.write(file, text);
		this.#process.changed(file);
	}

	async #mustPass(files: readonly string[]): Promise<void> {
		if (files.length === 0) return;
		let run = await this.#process.run(files, PLAIN_LIMIT);
		// Once more: what a busy machine alone makes fail says nothing.
		if (run.outcome !== "passed") run = await this.#process.run(files, PLAIN_LIMIT);
		const { outcome, failed, why, took } = run;
		if (outcome !== "passed") throw new Error(`${failed ?? files.join(" ")} fails without a mutant:\n${why}`);
		for (const [file, ms] of Object.entries(took)) this.#plain.set(file, Math.max(ms, this.#plain.get(file) ?? 0));
	}

	#took(files: readonly string[]): number {
		return files.reduce((sum, file) => sum + (this.#plain.get(file) ?? 0), 0);
	}

	#limit(files: readonly string[]): number {
		return Math.max(TOO_LONG.atLeast, TOO_LONG.factor * this.#took(files));
	}
}
