import { describe, expect, it } from "vitest";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { isToldAtOnce, removalOf } from "../../../../src/server/protocol/rules/removals.js";
import { NOTHING, UNKNOWN } from "../../../../src/server/protocol/rules/versions.js";

describe("that a name is gone", () => {
	it.each([
		["sotw", "eds", false, "placeholder"],
		["sotw", "eds", true, "placeholder"],
		["delta", "eds", false, "placeholder"],
		["delta", "eds", true, "removed"],
		["sotw", "rds", true, "removed"],
		["delta", "cds", false, "removed"],
	] as const)("is said in %s of %s, asked for: %s, by: %s (R20, R31)", (mode, type, asked, expected) => {
		expect(removalOf(mode, resourceType(type), asked)).toBe(expected);
	});

	it.each([
		["sotw", true, NOTHING, true],
		["sotw", true, "1", true],
		["delta", true, NOTHING, true],
		["delta", true, "1", false],
		["delta", true, UNKNOWN, false],
		["sotw", false, "1", false],
		["delta", false, "1", false],
	] as const)(
		"is said in %s, asked for: %s, to one who has %j, at once: %s (R18, R23)",
		(mode, asked, has, expected) => {
			expect(isToldAtOnce(mode, asked, has)).toBe(expected);
		},
	);
});
