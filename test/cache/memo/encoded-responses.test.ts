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

it("gives a stream none with a nonce that it has seen", () => {
	shared.set("a", response(5));
	expect(shared.get("a", 4)).toEqual(response(5));
	expect(shared.get("a", 5)).toBeUndefined();
});
