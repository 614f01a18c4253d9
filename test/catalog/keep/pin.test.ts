import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Pin, PinHolder, pinNote } from "../../../src/catalog/keep/pin.js";
import { at } from "../fake-provider.js";

let changes: number;
const onChange = () => void changes++;

beforeEach(() => {
	vi.useFakeTimers();
	changes = 0;
});

afterEach(() => {
	vi.useRealTimers();
});

const pinFor = (ms: number, count = 1): Pin => ({
	endpoints: Array.from({ length: count }, (_, i) => at(i)),
	version: "v",
	since: new Date(),
	until: new Date(Date.now() + ms),
});

describe("the pin of a service", () => {
	it("holds up to its time, and is told of when it begins and ends", () => {
		const holder = new PinHolder(onChange);
		const pin = pinFor(1_000);
		expect([holder.set(pin), holder.pin, holder.saved, changes]).toEqual([false, pin, { pin }, 1]);
		vi.advanceTimersByTime(999);
		expect([holder.pin, changes]).toEqual([pin, 1]);
		vi.advanceTimersByTime(1);
		expect([holder.pin, holder.saved, changes]).toEqual([undefined, {}, 2]);
	});

	it("is over at its time, though its timer comes later", () => {
		const holder = new PinHolder(onChange, pinFor(1_000));
		vi.setSystemTime(Date.now() + 1_000);
		expect([holder.pin, holder.saved, holder.set(undefined), changes]).toEqual([undefined, {}, false, 0]);
	});

	it("of an earlier process that is over ends at once", () => {
		const holder = new PinHolder(onChange, pinFor(-1));
		expect([holder.pin, changes]).toEqual([undefined, 0]);
		vi.advanceTimersByTime(1);
		expect(changes).toBe(1);
		expect(vi.getTimerCount()).toBe(0);
	});

	it("is replaced by another, whose time counts", () => {
		const holder = new PinHolder(onChange, pinFor(1_000));
		const longer = pinFor(2_000);
		expect([holder.set(longer), changes]).toEqual([true, 1]);
		vi.advanceTimersByTime(1_999);
		expect([holder.pin, changes]).toEqual([longer, 1]);
		expect([holder.set(undefined), holder.pin, changes, vi.getTimerCount()]).toEqual([true, undefined, 2, 0]);
		expect([holder.set(undefined), changes]).toEqual([false, 2]);
	});

	it("is told of no more once it is stopped", () => {
		const holder = new PinHolder(onChange, pinFor(1_000));
		holder.stop();
		expect(vi.getTimerCount()).toBe(0);
	});

	it("is a sentence with the number of endpoints", () => {
		vi.setSystemTime(0);
		const text = (count: number) => pinNote(pinFor(1_000, count));
		expect(text(1)).toBe(
			"pinned to version v (1 endpoint) since 1970-01-01T00:00:00.000Z, until 1970-01-01T00:00:01.000Z: its sources are not followed",
		);
		expect([text(0), text(2)]).toEqual([
			expect.stringContaining("(0 endpoints)"),
			expect.stringContaining("(2 endpoints)"),
		]);
	});
});
