import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, shareOf, withinMemory } from "../../src/model/limits.js";

const MIB = 1024 * 1024;

describe("limits", () => {
	it("are lower where there is less memory, and never higher than was asked for", () => {
		expect(withinMemory(DEFAULT_LIMITS, 512 * MIB)).toMatchObject({
			streams: 8_192,
			connections: 4_096,
			allNames: 262_144,
			unreadBytes: 128 * MIB,
		});
		expect(withinMemory(DEFAULT_LIMITS, 64 * 1024 * MIB)).toEqual(DEFAULT_LIMITS);
		expect(withinMemory({ ...DEFAULT_LIMITS, streams: 10 }, 512 * MIB).streams).toBe(10);
	});

	it("always leave room for two messages", () => {
		const { unreadBytes } = withinMemory({ ...DEFAULT_LIMITS, unreadBytes: 1 }, MIB);
		expect(unreadBytes).toBe(2 * DEFAULT_LIMITS.messageBytes);
	});

	it("give one peer a fourth, or the floor, or all there is", () => {
		expect(shareOf(50_000)).toBe(12_500);
		expect(shareOf(2_000)).toBe(1_000);
		expect(shareOf(50)).toBe(50);
	});
});
