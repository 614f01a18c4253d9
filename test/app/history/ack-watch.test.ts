import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AckWatch } from "../../../src/app/history/ack-watch.js";

describe("who watches for the last ACK", () => {
	const told: (readonly string[])[] = [];
	const looks = vi.fn(() => []);
	let watch: AckWatch;
	beforeEach(() => {
		vi.useFakeTimers();
		told.length = 0;
		looks.mockClear();
		watch = new AckWatch(looks, (names) => told.push(names));
	});
	afterEach(() => {
		watch.stop();
		vi.useRealTimers();
	});

	it("tells it at once where every stream is settled, and looks no more", async () => {
		watch.changed(["a", "b"]);
		watch.allSettled();
		expect(told).toEqual([["a", "b"]]);
		watch.allSettled();
		await vi.advanceTimersByTimeAsync(1_000);
		expect(told).toHaveLength(1);
		expect(looks).not.toHaveBeenCalled();
	});

	it("looks where no stream was concerned", async () => {
		watch.changed(["a"]);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(looks).toHaveBeenCalledOnce();
		expect(told).toEqual([["a"]]);
	});

	it("tells nothing any more once it has stopped", async () => {
		watch.changed(["a"]);
		watch.stop();
		watch.allSettled();
		await vi.advanceTimersByTimeAsync(1_000);
		expect(told).toEqual([]);
	});
});
