import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AckLog } from "../../../src/app/history/ack-log.js";

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["Date"], now: 1_000 });
});
afterEach(() => {
	vi.useRealTimers();
});

describe("what is remembered of acknowledgements", () => {
	it("is when the first came of something that was sent at a time or later", () => {
		const log = new AckLog();
		log.acked("a", 900);
		vi.setSystemTime(2_000);
		log.acked("a", 1_950);
		expect([log.after("a", 800), log.after("a", 900), log.after("a", 901)]).toEqual([1_000, 1_000, 2_000]);
		expect(log.after("a", 1_951)).toBe("not yet");
		expect(log.after("b", 0)).toBe("unknown");
	});

	it("is bounded for a node: what is older than that is forgotten, and not told as something else", () => {
		const log = new AckLog();
		for (let i = 0; i < 100; i++) {
			vi.setSystemTime(1_000 + i);
			log.acked("a", 1_000 + i);
		}
		expect(log.after("a", 1_000)).toBe("forgotten");
		expect(log.after("a", 1_050)).toBe(1_050);
	});

	it("is 64 of a node, of which the oldest may not be the first of its time", () => {
		const log = new AckLog();
		const add = (count: number) => {
			for (let i = 0; i < count; i++) {
				vi.setSystemTime(Date.now() + 1);
				log.acked("a", Date.now());
			}
		};
		const firstSince = (...times: readonly number[]) => times.map((time) => log.after("a", time));
		add(63);
		expect(firstSince(1_001, 1_002, 1_063, 1_064)).toEqual([1_001, 1_002, 1_063, "not yet"]);
		add(1);
		expect(firstSince(1_001, 1_002, 1_064)).toEqual(["forgotten", 1_002, 1_064]);
		add(1);
		expect(firstSince(1_002, 1_003, 1_065)).toEqual(["forgotten", 1_003, 1_065]);
	});

	it("is bounded in nodes: who has said nothing for longest is forgotten", () => {
		const log = new AckLog();
		for (let i = 0; i < 16_384; i++) log.acked(`n${i}`, 1);
		log.acked("n0", 2);
		log.acked("more", 1);
		expect([log.after("n0", 1), log.after("n1", 1), log.after("more", 1)]).toEqual([1_000, "unknown", 1_000]);
	});
});
