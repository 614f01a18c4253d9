import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { logLookUps } from "../../src/app/log/look-up-log.js";
import { traceAnswer, tracedLookUp } from "../../src/providers/look-ups.js";

function startLog(level: string) {
	const lines: Record<string, unknown>[] = [];
	const log = pino({ base: null, level }, { write: (line: string) => void lines.push(JSON.parse(line)) });
	return { lines, log };
}

describe("the log of look-ups", () => {
	it("has what a source was asked and said, and what a target's answer was", async () => {
		const { lines, log } = startLog("debug");
		using _ = logLookUps(log);
		expect(
			await tracedLookUp(
				"dns",
				"web A",
				async () => [1, 2],
				(all) => `${all.length} addresses`,
			),
		).toEqual([1, 2]);
		const failing = tracedLookUp("dns", "api A", () => Promise.reject(new Error("refused\n\u001b[31m")), String);
		await expect(failing).rejects.toThrow("refused");
		traceAnswer(() => ({ target: "dns:///web", state: "synced", endpoints: 2, differs: true, notes: 0 }));
		traceAnswer(() => ({ target: "dns:///api", state: "failed", error: "refused" }));
		expect(lines).toMatchObject([
			{ msg: "look-up", source: "dns", question: "web A", answer: "2 addresses", seconds: expect.any(Number) },
			{ msg: "look-up", question: "api A", error: "refused\\u000a\\u001b[31m" },
			{ msg: "target answered", target: "dns:///web", endpoints: 2, differs: true },
			{ msg: "target did not answer", target: "dns:///api", error: "refused" },
		]);
	});

	it("costs nothing above debug, and ends with its owner", async () => {
		const { lines, log } = startLog("info");
		using _ = logLookUps(log);
		const verbose = startLog("debug");
		logLookUps(verbose.log)[Symbol.dispose]();
		let summaries = 0;
		await tracedLookUp(
			"dns",
			"web A",
			async () => 1,
			() => ++summaries,
		);
		traceAnswer(() => {
			throw new Error("it is not made where nobody reads it");
		});
		expect([lines, verbose.lines, summaries]).toEqual([[], [], 0]);
	});
});
