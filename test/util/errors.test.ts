import { describe, expect, it } from "vitest";
import { FingerpostError, InvalidTarget, ServiceNotFound, SourceFailed } from "../../src/util/errors.js";

const ESCAPES = "\u001b]0;evil\u0007 \u009b2J \u202egnp\r";

describe("an error's message", () => {
	it.each([
		new SourceFailed(ESCAPES),
		new ServiceNotFound(ESCAPES),
		new InvalidTarget(ESCAPES),
		FingerpostError.from(new Error(ESCAPES)),
		FingerpostError.from(ESCAPES),
	])("holds nothing that a terminal could take for a command: %s", ({ message }) => {
		expect(message).toBe("\\u001b]0;evil\\u0007 \\u009b2J \\u202egnp\\u000d");
	});

	it("keeps its lines; what a source says has an end", () => {
		expect(new SourceFailed("a\n\tb").message).toBe("a\n\tb");
		expect(new SourceFailed("x".repeat(70_000)).message).toHaveLength(2_001);
	});
});
