import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Endpoint, isReady } from "../../../src/model/endpoint.js";
import { trafficWeights } from "../../../src/model/traffic/traffic-weights.js";
import { randomRuns } from "../../random-runs.js";
import { at } from "../../resources/decoded-assignment.js";

/** So many endpoints with the share, from 10.0.0.0 + `first` on. */
function ofTarget(target: string, part: number, weights: readonly number[], first: number): Endpoint[] {
	return weights.map((weight, i) => at(first + i, { weight, targetShare: { target, part } }));
}

const own = fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 60 });

describe("the weights by which endpoints get traffic", () => {
	it("are their own without shares", () => {
		const list = [at(1, { weight: 7 }), at(2, { weight: 0 }), at(3, { weight: 65_535, health: "draining" })];
		const weightOf = trafficWeights(list);
		expect(list.map(weightOf)).toEqual([7, 0, 65_535]);
	});

	it("give each target its share within a thousandth, whatever the number of its endpoints and their own weights", () => {
		fc.assert(
			fc.property(own, own, fc.integer({ min: 1, max: 99 }), (a, b, percent) => {
				const list = [...ofTarget("a", percent / 100, a, 0), ...ofTarget("b", 1 - percent / 100, b, 1_000)];
				const weightOf = trafficWeights(list);
				const sum = (target: string) =>
					list.reduce((all, e) => all + (e.targetShare?.target === target ? weightOf(e) : 0), 0);
				expect(sum("a") / (sum("a") + sum("b"))).toBeCloseTo(percent / 100, 3);
				const [first, last] = [list[0] as Endpoint, list[a.length - 1] as Endpoint];
				// Within a target each has what it has of the target's own weights.
				if (Math.min(first.weight, last.weight) > 1_000) {
					expect(weightOf(first) / weightOf(last)).toBeCloseTo(first.weight / last.weight, 1);
				}
			}),
			randomRuns(400),
		);
	});

	it("are within a thousandth with 1 % over 10,000 endpoints", () => {
		const many = Array.from({ length: 10_000 }, () => 100);
		const list = [...ofTarget("a", 0.01, many, 0), ...ofTarget("b", 0.99, [100], 20_000)];
		const weightOf = trafficWeights(list);
		const b = weightOf(list.at(-1) as Endpoint);
		const total = list.reduce((sum, e) => sum + weightOf(e), 0);
		expect(Math.abs(b / total - 0.99)).toBeLessThan(0.001);
	});

	it("hold for the endpoints that are ready, and a change of one target changes no other's", () => {
		const a = ofTarget("a", 0.9, [100, 100, 100], 0);
		const b = ofTarget("b", 0.1, [100, 100], 10);
		const weightBefore = trafficWeights([...a, ...b]);
		const ill = b.map((e, i): Endpoint => (i === 0 ? { ...e, health: "unhealthy" } : e));
		const weightAfter = trafficWeights([...a, ...ill]);
		expect(a.map(weightAfter)).toEqual(a.map(weightBefore));
		const ready = [...a, ...ill].filter(isReady);
		const total = ready.reduce((sum, e) => sum + weightAfter(e), 0);
		expect(weightAfter(ill[1] as Endpoint) / total).toBeCloseTo(0.1, 6);
		expect(weightAfter(ill[0] as Endpoint)).toBe(1);
	});

	it("leave the traffic to the others where a target has no endpoint that is ready", () => {
		const a = ofTarget("a", 0.3, [100], 0);
		const gone = ofTarget("b", 0.7, [100], 10).map((e): Endpoint => ({ ...e, health: "draining" }));
		const weightOf = trafficWeights([...a, ...gone]);
		expect(weightOf(gone[0] as Endpoint)).toBe(1);
		expect(weightOf(a[0] as Endpoint)).toBeGreaterThan(100_000_000);
	});

	it("count for each priority alone", () => {
		const a = ofTarget("a", 0.9, [100], 0);
		const backup = [at(20, { priority: 1, weight: 3 }), at(21, { priority: 1, weight: 4 })];
		expect(backup.map(trafficWeights([...a, ...backup]))).toEqual([3, 4]);
	});

	it("leave most of the traffic to what former targets gave, while a small share has come alone", () => {
		const former = [at(1), at(2)];
		const canary = ofTarget("canary", 0.1, [100], 10);
		const weightOf = trafficWeights([...former, ...canary]);
		const sum = former.reduce((all, e) => all + weightOf(e), 0);
		expect(sum / weightOf(canary[0] as Endpoint)).toBeCloseTo(10, 6);
	});
});
