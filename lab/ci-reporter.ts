import { writeSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** Characters of a failure that was none at the second try: enough for the seed of a random test. */
const MAX_FAILURE = 1_000;

/**
 * Prints `Tests: N passed, N failed, N skipped` as the very last line, from the runner's own numbers. Before it: what passed
 * at the second try, and why tests were skipped. With CI=true a skipped test makes the run fail: there, nothing that the
 * tests need may be absent.
 */
export class CiReporter implements Reporter {
	#line = "";
	/** Why tests were skipped, and how many for each reason. */
	readonly #skipped = new Map<string, number>();
	/** The tests that failed at first and passed when they were tried again, with the failure. */
	readonly #again: string[] = [];
	#fails = false;

	onInit(): void {
		process.once("exit", () => {
			if (!this.#line) return;
			if (this.#fails && !process.exitCode) process.exitCode = 1;
			for (const name of this.#again) writeSync(1, `passed at the second try: ${name}\n`);
			for (const [reason, count] of this.#skipped) writeSync(1, `${count} skipped: ${reason}\n`);
			writeSync(1, `${this.#line}\n`);
		});
	}

	onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
		const count = { passed: 0, failed: 0, skipped: 0 };
		for (const module of modules) {
			for (const test of module.children.allTests()) {
				const { state } = test.result();
				count[state === "pending" ? "failed" : state]++;
				if (state === "skipped") this.#skip(test.fullName);
				if (state === "passed" && (test.diagnostic()?.retryCount ?? 0) > 0) {
					const failures = (test.result().errors ?? []).map(({ message }) => message.slice(0, MAX_FAILURE));
					this.#again.push([test.fullName, ...failures].join("\n"));
				}
			}
			// A file that cannot be loaded has no tests, but it did fail.
			if (module.state() === "failed" && module.errors().length > 0) count.failed++;
		}
		count.failed += errors.length;
		this.#line = `Tests: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
		this.#fails = count.failed > 0 || (process.env.CI === "true" && count.skipped > 0);
	}

	/** The reason stands in the name of the test or its group: `… (skipped: REASON)`. */
	#skip(name: string): void {
		const reason = /\(skipped: (.*?)\)(?: >|$)/s.exec(name)?.[1] ?? "no reason given, or `skip` in the test";
		this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
	}
}
