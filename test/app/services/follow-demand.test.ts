import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followDemand } from "../../../src/app/services/follow-demand.js";

/** Milliseconds that a look takes. */
let cost: number;
let now: number;
let looks: number[];
let changes: number;
let abort: AbortController;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	[cost, now, looks, changes, abort] = [0, 0, [], 0, new AbortController()];
	vi.spyOn(performance, "now").mockImplementation(() => now);
	followDemand(cache, abort.signal, () => changes++);
});
afterEach(() => {
	abort.abort();
	vi.restoreAllMocks();
	vi.useRealTimers();
});

const cache = {
	*followDemand(at: number) {
		looks.push(at);
		for (let i = 0; i < 4; i++) {
			now += cost / 4;
			yield undefined;
		}
		return looks.length % 2 === 0;
	},
};

/** So many seconds pass, one after the other, with what is done in them. */
async function pass(seconds: number): Promise<void> {
	for (let i = 0; i < seconds; i++) {
		now = Math.max(now, 1_000 * Math.ceil((now + 1) / 1_000));
		await vi.advanceTimersByTimeAsync(1_000);
		// A look in slices takes some turns of the real event loop.
		for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
	}
}

it("looks once a second, until it is ended", async () => {
	await pass(3);
	expect(looks).toHaveLength(3);
	abort.abort();
	await pass(3);
	expect(looks).toHaveLength(3);
	expect(vi.getTimerCount()).toBe(0);
});

it("looks less often where a look takes long", async () => {
	cost = 4;
	await pass(1);
	cost = 400;
	await pass(1);
	expect(looks).toHaveLength(2);
	// Eight seconds for the 400 ms.
	await pass(7);
	expect(looks).toHaveLength(2);
	await pass(1);
	expect(looks).toHaveLength(3);
});
