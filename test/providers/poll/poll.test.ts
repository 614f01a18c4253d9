import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Poll } from "../../../src/providers/poll/poll.js";

const TIMES = {
	...{ interval: 30_000, minInterval: 30_000, maxInterval: 300_000, backoff: { base: 1_000, max: 300_000 } },
	maxAge: ({ ttl }: { readonly ttl: number | undefined }) => (ttl === undefined ? undefined : ttl * 1_000),
};

let begun: number;
let asked: number[];
/** Seconds, an Error for a failure, or "never" for a look-up that takes until its end. */
let answer: number | undefined | Error | "never";
let signals: AbortSignal[];
let heard: number;
const listener = () => {
	heard++;
};

beforeEach(() => {
	vi.useFakeTimers();
	vi.spyOn(Math, "random").mockReturnValue(1);
	begun = performance.now();
	[asked, signals, heard, answer] = [[], [], 0, 60];
});

afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
});

function poll(times = TIMES) {
	return new Poll(async (signal) => {
		asked.push(Math.round(performance.now() - begun) / 1_000);
		signals.push(signal);
		if (answer === "never") {
			return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
		}
		if (answer instanceof Error) throw answer;
		return { ttl: answer, value: asked.length };
	}, times);
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

describe("a poll", () => {
	it.each([
		["its TTL", 60, [0, 60, 120, 180]],
		["the minimum interval where the TTL is shorter", 5, [0, 30, 60, 90, 120, 150, 180]],
		["the minimum interval where there is no TTL", undefined, [0, 30, 60, 90, 120, 150, 180]],
		["the maximum interval where the TTL is longer", 86_400, [0, 300]],
	])("asks again after %s", async (_, ttl, times) => {
		answer = ttl;
		const it = poll();
		it.add(listener);
		await pass((times.at(-1) as number) + 1);
		expect(asked).toEqual(times);
		expect([heard, it.answers]).toEqual([times.length, times.length]);
		it.remove(listener);
	});

	it("backs off from 1 s to 5 min while it fails, keeps the answer, and begins anew after a success", async () => {
		const it = poll();
		it.add(listener);
		await pass(1);
		answer = new Error("broken");
		await pass(59);
		expect([it.error?.message, it.answer?.value, it.settled]).toEqual(["broken", 1, true]);
		await pass(1_200);
		expect(asked.slice(1, 12)).toEqual([60, 61, 63, 67, 75, 91, 123, 187, 315, 571, 871]);
		answer = 60;
		await pass(300);
		expect([it.error, it.answer?.value, asked.length]).toEqual([undefined, 15, 15]);
		answer = new Error("again");
		await pass(40);
		expect(asked.slice(13)).toEqual([1_471, 1_531, 1_591, 1_592, 1_594, 1_598]);
		it.remove(listener);
	});

	it("waits anything up to the bound of the back-off", async () => {
		const random = vi.spyOn(Math, "random").mockReturnValue(0.25);
		answer = new Error("broken");
		const it = poll();
		it.add(listener);
		await pass(0.249);
		expect(asked).toEqual([0]);
		random.mockReturnValue(0.5);
		await pass(0.001);
		await pass(1);
		expect(asked).toEqual([0, 0.25, 1.25]);
		it.remove(listener);
	});

	it("is refreshed at once where the minimum interval is over, else when it is; and only once", async () => {
		answer = 200;
		const it = poll();
		it.add(listener);
		await pass(10);
		it.refresh();
		it.refresh();
		await pass(19);
		expect(asked).toEqual([0]);
		await pass(1);
		expect(asked).toEqual([0, 30]);
		await pass(70);
		it.refresh();
		await pass(0);
		it.refresh();
		expect(asked).toEqual([0, 30, 100]);
		await pass(29);
		it.refresh();
		await pass(1);
		expect(asked).toEqual([0, 30, 100, 130]);
		await pass(199);
		expect(asked).toHaveLength(4);
		await pass(1);
		expect(asked.at(-1)).toBe(330);
		it.remove(listener);
	});

	it("is refreshed as soon as the interval allows after a look-up that was under way and failed", async () => {
		const times: number[] = [];
		let last = (_: Error) => {};
		const it = new Poll(() => {
			times.push(Math.round(performance.now() - begun) / 1_000);
			if (times.length < 7) return Promise.reject(new Error("down"));
			return new Promise<never>((_, reject) => {
				last = reject;
			});
		}, TIMES);
		it.add(listener);
		await pass(64);
		expect(times).toEqual([0, 1, 3, 7, 15, 31, 63]);
		it.refresh();
		await pass(1);
		last(new Error("down"));
		await pass(27);
		expect(times).toHaveLength(7);
		await pass(1);
		expect(times.at(-1)).toBe(93);
		it.remove(listener);
	});

	it("is not refreshed while it asks, nor later than planned", async () => {
		answer = "never";
		const it = poll();
		it.add(listener);
		await pass(40);
		it.refresh();
		await pass(40);
		expect(asked).toEqual([0]);
		it.remove(listener);
		expect(signals[0]?.aborted).toBe(true);

		[asked, signals, answer] = [[], [], new Error("broken")];
		begun = performance.now();
		const failing = poll();
		failing.add(listener);
		await pass(0);
		failing.refresh();
		await pass(1);
		expect(asked).toEqual([0, 1]);
		failing.remove(listener);
	});

	it("asks once for all its listeners, and ends with the last", async () => {
		const it = poll();
		const others = [vi.fn(), vi.fn()];
		it.add(listener);
		for (const other of others) it.add(other);
		await pass(61);
		expect([asked.length, heard, others[0]?.mock.calls.length]).toEqual([2, 2, 2]);
		expect(it.remove(listener)).toBe(false);
		expect(it.remove(others[0] as () => void)).toBe(false);
		await pass(60);
		expect(asked).toHaveLength(3);
		expect(it.remove(others[1] as () => void)).toBe(true);
		expect(vi.getTimerCount()).toBe(0);
		await pass(600);
		expect(asked).toHaveLength(3);
	});

	it("tells nothing of a look-up that its end cut short", async () => {
		answer = "never";
		const it = poll();
		it.add(listener);
		it.remove(listener);
		await pass(600);
		expect([heard, it.settled, vi.getTimerCount()]).toEqual([0, false, 0]);
	});

	it("tells answers while the look-up goes on, and begins the back-off anew with each", async () => {
		let end: (reason: Error) => void = () => {};
		let tell: (value: { ttl: number | undefined; value: number }) => void = () => {};
		const it = new Poll<{ ttl: number | undefined; value: number }>((_, __, early) => {
			asked.push(Math.round(performance.now() - begun) / 1_000);
			tell = early;
			return new Promise((_, reject) => {
				end = reject;
			});
		}, TIMES);
		it.add(listener);
		for (const value of [1, 2]) {
			tell({ ttl: 60, value });
			expect([it.answer?.value, it.answers, heard]).toEqual([value, value, value]);
		}
		// As long as the look-up goes on there is no other.
		await pass(600);
		end(new Error("first"));
		await pass(1);
		expect([it.answer?.value, it.error?.message, asked]).toEqual([2, "first", [0, 601]]);
		end(new Error("second"));
		await pass(2);
		tell({ ttl: 60, value: 3 });
		expect(it.error).toBeUndefined();
		end(new Error("third"));
		await pass(1);
		expect(asked).toEqual([0, 601, 603, 604]);
		it.remove(listener);
		tell({ ttl: 60, value: 4 });
		expect(it.answer?.value).toBe(3);
	});
});
