import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { untilAborted, withinLimit } from "../../src/util/time-limit.js";

const never = new Promise<never>(() => {});

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("work until a signal", () => {
	it("gives what the work gives", async () => {
		const { signal } = new AbortController();
		expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
		await expect(untilAborted(Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
	});

	it("ends with the signal's reason, whatever the work says of being cut short", async () => {
		const end = new AbortController();
		const waiting = untilAborted(never, end.signal);
		end.abort(new Error("enough"));
		await expect(waiting).rejects.toThrow("enough");
		await expect(untilAborted(Promise.reject(new Error("socket closed")), end.signal)).rejects.toThrow("enough");
	});
});

describe("work within a limit", () => {
	const late = () => new Error("too late");

	it("gives what the work gives, and frees the timer", async () => {
		expect(await withinLimit({ ms: 10, late }, async () => 1)).toBe(1);
		await expect(withinLimit({ ms: 10, late }, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
	});

	it("is told when the time is over", async () => {
		let given: AbortSignal | undefined;
		const working = withinLimit({ ms: 10, late }, (signal) => {
			given = signal;
			return never;
		});
		const told = expect(working).rejects.toThrow("too late");
		await vi.advanceTimersByTimeAsync(9);
		expect(given?.aborted).toBe(false);
		await vi.advanceTimersByTimeAsync(1);
		expect(given?.aborted).toBe(true);
		await told;
	});

	it("ends with the signal, and does not begin after it", async () => {
		const end = new AbortController();
		const working = withinLimit({ ms: 10, late, signal: end.signal }, () => never);
		end.abort(new Error("enough"));
		await expect(working).rejects.toThrow("enough");
		const work = vi.fn();
		await expect(withinLimit({ late, signal: end.signal }, work)).rejects.toThrow("enough");
		expect(work).not.toHaveBeenCalled();
	});
});
