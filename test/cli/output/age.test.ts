import { expect, it } from "vitest";
import { ageOf, formatAge } from "../../../src/cli/output/age.js";

const now = new Date("2026-11-24T12:00:00Z");
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

it.each([
	[0, "0s"],
	[999, "0s"],
	[59 * SECOND, "59s"],
	[60 * SECOND, "1m"],
	[HOUR - 1, "59m"],
	[HOUR, "1h"],
	[47 * HOUR, "47h"],
	[48 * HOUR, "2d"],
	[-5 * SECOND, "0s"],
])("%i ms ago is %s", (ms, age) => {
	expect(formatAge(new Date(now.getTime() - ms), now)).toBe(age);
});

it("shows no date as -", () => {
	expect(ageOf(null, now)).toBe("-");
	expect(ageOf("2026-11-24T11:55:00.000Z", now)).toBe("5m");
});
