import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import { addressOf } from "../../../src/model/endpoint.js";
import { parseTarget } from "../../../src/model/target.js";
import { TargetWatch } from "../../../src/providers/watch/target-watch.js";
import { at, FakeProvider } from "../../catalog/fake-provider.js";

const A = "fake:///a";
const START = new Date("2026-01-01T00:00:00Z");

let provider: FakeProvider;
let watch: TargetWatch;
let told: number;
let maxEndpoints: number;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["Date"], now: START });
	provider = new FakeProvider();
	told = 0;
	maxEndpoints = 50_000;
	watch = new TargetWatch(parseTarget(A), () => told++, { maxEndpoints: () => maxEndpoints });
	watch.start(provider);
});

afterEach(() => {
	watch.stop();
	vi.useRealTimers();
});

function later(seconds: number): Date {
	return new Date(START.getTime() + seconds * 1_000);
}

describe("a watched target", () => {
	it("is connecting until something is heard", () => {
		expect(watch.status).toEqual({ target: A, state: "connecting", changes: 0 });
		expect(watch.endpoints).toBeUndefined();
		expect(told).toBe(0);
	});

	it("is synced by an answer, an empty one too", () => {
		provider.answer(A);
		expect(watch.status).toMatchObject({ state: "synced", lastSuccess: START, changes: 1 });
		expect([watch.endpoints, told]).toEqual([[], 1]);
	});

	it("notes a confirmation without telling, in whatever order the endpoints come", () => {
		provider.answer(A, 2, 1);
		vi.setSystemTime(later(5));
		provider.answer(A, 1, 2);
		expect(watch.status).toMatchObject({ lastSuccess: later(5), changes: 1 });
		expect([watch.endpoints?.map((e) => e.address), told]).toEqual([["10.0.0.1", "10.0.0.2"], 1]);
		provider.answer(A, 1);
		expect([watch.status.changes, told]).toEqual([2, 2]);
	});

	it("fails where the source gives more than a target may have, and keeps what it had", () => {
		provider.answer(A, 1, 2);
		maxEndpoints = 2;
		provider.answer(A, 1, 2, 3);
		expect(watch.endpoints?.map(addressOf)).toEqual(["10.0.0.1:80", "10.0.0.2:80"]);
		expect([watch.status.state, watch.status.lastError?.message]).toEqual([
			"stale",
			"the source gives 3 endpoints, and a target may have 2; raise maxEndpoints if they are meant",
		]);
		maxEndpoints = 3;
		provider.answer(A, 1, 2, 3);
		expect([watch.endpoints?.length, watch.status.state]).toEqual([3, "synced"]);
	});

	it("looks at a large answer in slices, and then at the newest of what came meanwhile", async () => {
		const many = (port: number) =>
			Array.from({ length: 5_000 }, (_, i) => at(1, { address: `10.1.${i >> 8}.${i & 255}`, port }));
		provider.answer(A, ...many(1));
		provider.answer(A, ...many(2));
		provider.fail(A, "first");
		provider.answer(A, 1, 2);
		provider.fail(A, "gone");
		expect(watch.endpoints).toBeUndefined();
		await waitUntil("all is taken", () => watch.status.state === "stale");
		expect([watch.endpoints?.length, watch.status.lastError?.message, watch.status.changes]).toEqual([2, "gone", 2]);
	});

	it("hears nothing of a large answer once it is stopped, or watched anew", async () => {
		const many = Array.from({ length: 5_000 }, (_, i) => at(1, { address: `10.1.${i >> 8}.${i & 255}` }));
		provider.answer(A, ...many);
		watch.restart(provider);
		provider.answer(A, 1);
		await waitUntil("the new answer is taken", () => watch.endpoints !== undefined);
		expect([watch.endpoints?.length, watch.status.changes]).toEqual([1, 1]);
		provider.answer(A, ...many);
		watch.stop();
		for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
		expect([watch.endpoints?.length, watch.status.changes]).toEqual([1, 1]);
	});

	it("tells the provider that watches it anew what is known", () => {
		provider.answer(A, 1);
		watch.restart(provider);
		expect(provider.watches.get(A)?.map(({ known }) => known?.map(addressOf))).toEqual([undefined, ["10.0.0.1:80"]]);
	});

	it("takes of a duplicate the one that came first, wherever the order would put it", () => {
		provider.answer(A, at(1, { priority: 2 }), at(3), at(1, { priority: 0 }), at(2));
		expect(watch.endpoints?.map((e) => [addressOf(e), e.priority])).toEqual([
			["10.0.0.2:80", 0],
			["10.0.0.3:80", 0],
			["10.0.0.1:80", 2],
			["10.0.0.1:80", 0],
		]);
		provider.answer(A, at(1, { priority: 0 }), at(2), at(1, { priority: 2 }), at(3));
		expect(told).toBe(2);
	});

	it("keeps its endpoints when the source fails, and says since when they are not confirmed", () => {
		provider.answer(A, 1);
		vi.setSystemTime(later(5));
		provider.fail(A, "refused");
		vi.setSystemTime(later(9));
		provider.fail(A, "refused");
		expect(watch.endpoints).toHaveLength(1);
		expect(watch.status).toMatchObject({
			state: "stale",
			lastSuccess: START,
			staleSince: START,
			lastError: { message: "refused", at: later(9) },
		});
		expect(told).toBe(2);
		provider.fail(A, "reset");
		expect([watch.status.lastError?.message, told]).toEqual(["reset", 3]);

		provider.answer(A, 1);
		expect(watch.status).toMatchObject({ state: "synced", lastSuccess: later(9), lastError: { message: "reset" } });
		expect(watch.status.staleSince).toBeUndefined();
		expect([watch.status.changes, told]).toEqual([1, 4]);
	});

	it("is failed, not stale, without any answer before", () => {
		vi.setSystemTime(later(2));
		provider.fail(A, "refused");
		expect(watch.status).toMatchObject({ state: "failed", staleSince: later(2), changes: 0 });
		expect([watch.endpoints, told]).toEqual([undefined, 1]);
	});

	it("keeps the source's own time of the newest change", () => {
		const { observer } = provider.watches.get(A)?.[0] ?? {};
		observer?.endpoints([at(1)], { changedAt: later(-10) });
		observer?.endpoints([at(1)], { changedAt: later(-5) });
		expect(watch.status.changedAt).toEqual(later(-10));
		observer?.endpoints([at(2)], { changedAt: later(-1) });
		expect(watch.status.changedAt).toEqual(later(-1));
	});

	it("tells of changed notes, also with the same endpoints", () => {
		const { observer } = provider.watches.get(A)?.[0] ?? {};
		observer?.endpoints([at(1)], { notes: ["left out"] });
		observer?.endpoints([at(1)], { notes: ["left out"] });
		expect([watch.notes, told]).toEqual([["left out"], 1]);
		observer?.endpoints([at(1)]);
		expect([watch.notes, told]).toEqual([[], 2]);
	});

	it("hears nothing more after its end", () => {
		provider.answer(A, 1);
		watch.stop();
		expect(provider.running(A)).toBe(0);
		provider.answer(A, 2);
		provider.fail(A);
		expect([watch.endpoints?.map((e) => e.address), watch.status.state, told]).toEqual([["10.0.0.1"], "synced", 1]);
	});

	it.each([
		["an Error", new Error("broken"), "broken"],
		["a text", "broken", "broken"],
	])("is failed where the provider throws %s", (_, thrown, message) => {
		provider.throwing = thrown;
		const other = new TargetWatch(parseTarget(A), () => told++);
		other.start(provider);
		expect(other.status).toMatchObject({ state: "failed", lastError: { message } });
		expect(told).toBe(1);
		other.stop();
	});
});
