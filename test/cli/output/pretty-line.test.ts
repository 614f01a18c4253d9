import { describe, expect, it } from "vitest";
import { prettyLine } from "../../../src/cli/output/pretty-line.js";

const time = "2026-11-24T12:00:07.412Z";

function pretty(fields: object, colours = false): string {
	return prettyLine(`${JSON.stringify({ level: "info", time, msg: "service changed", ...fields })}\n`, colours).replace(
		/^(\S*?)\d\d:\d\d:\d\d\.412/,
		"$1TIME",
	);
}

describe("a line of the log for people", () => {
	it("is one line: time, level, message, fields in their order", () => {
		const fields = {
			service: "web",
			state: "synced",
			endpoints: 3,
			changed: ["127.0.0.1:8082 weight 50 -> 0"],
			error: "a b",
		};
		expect(pretty({ ...fields, level: "warn" })).toBe(
			'TIME WARN  service changed web synced endpoints=3 changed=[127.0.0.1:8082 weight 50 -> 0] error="a b"\n',
		);
	});

	it("has the stack of an error below it", () => {
		const err = { type: "Error", message: "no", stack: "Error: no\n    at here" };
		expect(pretty({ level: "error", msg: "xDS server error", err })).toBe(
			"TIME ERROR xDS server error\nError: no\n    at here\n",
		);
	});

	it("drives no terminal, and stays one line whatever others say", () => {
		const line = pretty({ error: "x\n\u001b[31m\u009b", list: ["\u001b]0;a\u0007\n"], other: { a: "\u202e" } });
		expect(line.trimEnd()).not.toMatch(/[\p{Cc}\u202e]/u);
	});

	it("is coloured where that is wanted", () => {
		expect(pretty({}, true)).toContain("\u001b[32mINFO \u001b[39m");
		expect(pretty({}, false)).not.toContain("\u001b");
	});
});
