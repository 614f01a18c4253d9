import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type EncodedResponse, EncodedResponses } from "../../../src/cache/memo/encoded-responses.js";

let shared: EncodedResponses;

beforeEach(() => {
	vi.useFakeTimers();
	shared = new EncodedResponses();
});

afterEach(() => {
	vi.useRealTimers();
});

function response(sequence: number): EncodedResponse {
	const content = { resources: [], removed: [], accepted: false };
	return { sequence, nonce: String(sequence), frame: Buffer.alloc(10), content };
}

it("keeps a response for a second at least, and not for long", () => {
	shared.set("a", response(1));
	vi.advanceTimersByTime(998);
	shared.clear();
	expect(shared.get("a", 0)).toBeUndefined();
	shared.set("b", response(2));
	vi.advanceTimersByTime(999);
	expect(shared.get("b", 0)).toEqual(response(2));
	vi.advanceTimersByTime(1_001);
	expect(shared.get("b", 0)).toBeUndefined();
	vi.advanceTimersByTime(10_000);
	expect(vi.getTimerCount()).toBe(0);
});

it("keeps the first response until the second second is over", () => {
	shared.set("a", response(1));
	vi.advanceTimersByTime(1_999);
	expect(shared.get("a", 0)).toEqual(response(1));
	vi.advanceTimersByTime(1);
	expect(shared.get("a", 0)).toBeUndefined();
});

it("gives a stream none with a nonce that it has seen", () => {
	shared.set("a", response(5));
	expect(shared.get("a", 4)).toEqual(response(5));
	expect(shared.get("a", 5)).toBeUndefined();
});

it("keeps no more than 256 responses", () => {
	for (let i = 1; i <= 256; i++) shared.set(String(i), response(i));
	expect([shared.get("1", 0)?.sequence, shared.get("256", 0)?.sequence]).toEqual([1, 256]);
	shared.set("257", response(257));
	expect([shared.get("1", 0), shared.get("256", 0), shared.get("257", 0)?.sequence]).toEqual([
		...[undefined, undefined, 257],
	]);
});

it("keeps no more than 64 MiB, and counts anew what comes after", () => {
	const large = Buffer.alloc(32 * 1024 * 1024);
	const set = (key: string, frame = large) => shared.set(key, { ...response(1), frame });
	const kept = (...keys: string[]) => keys.map((key) => shared.get(key, 0) !== undefined);
	set("a");
	set("b");
	expect(kept("a", "b")).toEqual([true, true]);
	set("c", Buffer.alloc(1));
	expect(kept("a", "b", "c")).toEqual([false, false, true]);
	set("d");
	expect(kept("c", "d")).toEqual([true, true]);
	shared.clear();
	set("e");
	set("f");
	expect(kept("c", "d", "e", "f")).toEqual([false, false, true, true]);
});

it("has one timer, however many responses come, and none once they are gone", () => {
	for (let i = 1; i <= 3; i++) shared.set(String(i), response(i));
	expect(vi.getTimerCount()).toBe(1);
	vi.advanceTimersByTime(500);
	shared.set("4", response(4));
	vi.advanceTimersByTime(500);
	expect([vi.getTimerCount(), shared.get("1", 0)?.sequence]).toEqual([1, 1]);
	vi.advanceTimersByTime(1_000);
	expect([vi.getTimerCount(), shared.get("1", 0), shared.get("4", 0)]).toEqual([0, undefined, undefined]);
	shared.set("5", response(5));
	expect(vi.getTimerCount()).toBe(1);
});

it.each([
	["what was there was forgotten", () => shared.clear()],
	["there were too many", () => {}],
])("keeps the first response after %s for a second, too", (_, empty) => {
	for (let i = 1; i <= 256; i++) shared.set(String(i), response(i));
	vi.advanceTimersByTime(1_500);
	empty();
	shared.set("first", response(300));
	vi.advanceTimersByTime(999);
	expect([shared.get("1", 0), shared.get("first", 0)?.sequence]).toEqual([undefined, 300]);
	vi.advanceTimersByTime(1_001);
	expect(shared.get("first", 0)).toBeUndefined();
});
