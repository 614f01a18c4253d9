import { writeSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/**
 * Prints `Tests: N passed, N failed, N skipped` as the very last line, from the runner's own numbers. With CI=true a
 * skipped test makes the run fail: there, nothing that the tests need may be absent.
 */
export class CiReporter implements Reporter {
	#line = "";
	#fails = false;

	onInit(): void {
		process.once("exit", () => {
			if (!this.#line) return;
			if (this.#fails && !process.exitCode) process.exitCode = 1;
			writeSync(1, `${this.#line}\n`);
		});
	}

	onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
		const count = { passed: 0, failed: 0, skipped: 0 };
		for (const module of modules) {
			for (const test of module.children.allTests()) {
				const { state } = test.result();
				count[state === "pending" ? "failed" : state]++;
			}
			// A file that cannot be loaded has no tests, but it did fail.
			if (module.state() === "failed" && module.errors().length > 0) count.failed++;
		}
		count.failed += errors.length;
		this.#line = `Tests: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
		this.#fails = count.failed > 0 || (process.env.CI === "true" && count.skipped > 0);
	}
}
