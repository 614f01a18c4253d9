import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SourceTimes } from "../../../src/app/history/source-times.js";
import type { ServiceChange } from "../../../src/catalog/catalog.js";

let times: SourceTimes;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["Date", "performance"], now: 100_000 });
	vi.advanceTimersByTime(10_000);
	times = new SourceTimes();
});
afterEach(() => {
	vi.useRealTimers();
});

interface Status {
	readonly target: string;
	readonly changes?: number;
	readonly held?: object;
	readonly changedAt?: Date;
}

/** A status of a target whose source says that it changed so many milliseconds ago. */
function status(target: string, ago?: number, more: Partial<Status> = {}): Status {
	return { target, changes: 2, ...(ago !== undefined && { changedAt: new Date(Date.now() - ago) }), ...more };
}

/** A service whose targets were other ones before. */
function change(before: readonly Status[] | undefined, after: readonly Status[] | undefined, known = true) {
	const state = (targets: readonly Status[]) => ({ known, endpoints: [], targets });
	return { name: "web", previous: before && state(before), current: after && state(after) } as unknown as ServiceChange;
}

function lags(...changes: readonly ServiceChange[]): Record<string, number> {
	const at = performance.now();
	times.changed(changes, at);
	return Object.fromEntries(times.lags(at));
}

const OLD = "k8s:///shop/web:http";
const before = [status(OLD, 60_000, { changes: 1 })];

describe("how much earlier than the catalog a source changed", () => {
	it("is told by provider, the most of each", () => {
		const consul = "consul://a:8500/web";
		const other = [status(consul, 60_000, { changes: 1 })];
		expect(
			lags(
				change(before, [status(OLD, 3_000)]),
				change(before, [status(OLD, 5_000)]),
				change(before, [status(OLD, 4_000)]),
				change(other, [status(consul, 7_000)]),
			),
		).toEqual({ kubernetes: 5_000, consul: 7_000 });
	});

	it("counts from when the first of the changes was made", () => {
		const at = performance.now() - 1_000;
		times.changed([change(before, [status(OLD, 3_000)])], at);
		expect([...times.lags(at)]).toEqual([["kubernetes", 2_000]]);
		expect([...times.lags(at + 1)]).toEqual([]);
	});

	it("is 0 where the source does not say when, or says a later time", () => {
		expect(lags(change(before, [status(OLD)]))).toEqual({ kubernetes: 0 });
		expect(lags(change(before, [status(OLD, -5_000)]))).toEqual({ kubernetes: 0 });
	});

	it("is told of what was known before, is there still, and has other endpoints", () => {
		const after = [status(OLD, 3_000)];
		const same = change(before, after);
		expect(lags(change(undefined, after))).toEqual({});
		expect(lags(change(before, after, false))).toEqual({});
		expect(lags(change(before, undefined))).toEqual({});
		Object.assign(same.current as object, { endpoints: same.previous?.endpoints });
		expect(lags(same)).toEqual({});
		expect(lags()).toEqual({});
	});

	it("is that of the target which changed, or of which something is held", () => {
		const file = "file:///web.yaml";
		const both = [...before, status(file, 9_000)];
		expect(lags(change(both, [before[0] as Status, status(file, 3_000, { changes: 3 })]))).toEqual({ file: 3_000 });
		expect(lags(change(both, [before[0] as Status, status(file, 3_000, { held: {} })]))).toEqual({ file: 3_000 });
		expect(lags(change(both, both))).toEqual({ inline: 0 });
		expect(lags(change([], [status("inline", 2_000)]))).toEqual({ inline: 2_000 });
		expect(lags(change([], [status("Own+1.x-y:///web", 2_000)]))).toEqual({ "Own+1.x-y": 2_000 });
		expect(lags(change([], [status("K8S:///shop/web:http", 2_000)]))).toEqual({ kubernetes: 2_000 });
	});

	it("is remembered of the newest 1,000 times of change at least, and of 2,000 at most", () => {
		const changed = (from: number, to: number) => {
			for (let at = from; at <= to; at++) times.changed([change(before, [status(OLD, 60_000)])], at);
			return [0, 999, 1_000, to].map((at) => [...times.lags(at)].length);
		};
		expect(changed(0, 1_999)).toEqual([1, 1, 1, 1]);
		expect(changed(2_000, 2_000)).toEqual([0, 0, 1, 1]);
		expect(changed(2_001, 3_000)).toEqual([0, 0, 0, 1]);
	});
});
