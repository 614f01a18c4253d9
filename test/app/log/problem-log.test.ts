import { pino } from "pino";
import { expect, it } from "vitest";
import { logProblem } from "../../../src/app/log/problem-log.js";
import { tooLarge, unencodable } from "../../../src/cache/resource-problem.js";

it("what the cache could not make is logged by what is wrong with it", () => {
	const lines: string[] = [];
	const log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(line) });
	logProblem(log, unencodable("web", "cds", "envoy", "invalid float32: 1e+39"));
	logProblem(log, tooLarge("web", "eds", "grpc", 6 << 20, 4 << 20));
	expect(lines.map((line) => JSON.parse(line))).toMatchObject([
		{ msg: "service cannot be encoded", service: "web", type: "cds", family: "envoy", level: 50 },
		{ msg: "service is too large for clients", service: "web", type: "eds", family: "grpc" },
	]);
	expect(lines[0]).toContain("it cannot be encoded: invalid float32: 1e+39; clients keep what they have");
});
