import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inCanonicalOrder, isOneAfterAnother, sortedSplit, split } from "../../src/model/canonical-order.js";
import { addressOf, compareEndpoints, type Endpoint } from "../../src/model/endpoint.js";
import { atOnce } from "../../src/util/steps.js";
import { randomRuns } from "../random-runs.js";
import { anyEndpoint } from "./arbitrary-endpoint.js";

/** Often of one priority and locality, in order or nearly so. */
const lists: fc.Arbitrary<readonly Endpoint[]> = fc
	.tuple(fc.array(anyEndpoint, { maxLength: 15 }), fc.boolean(), fc.boolean())
	.map(([list, alike, sorted]) => {
		const [first] = list;
		const { priority = 0, locality = undefined } = first ?? {};
		const same = alike && locality ? list.map((e) => ({ ...e, priority, locality: { ...locality } })) : list;
		return sorted ? same.toSorted(compareEndpoints) : same;
	});

/** Plainly. */
function reference(list: readonly Endpoint[]): { firsts: Endpoint[]; repeats: Endpoint[] } {
	const first = (e: Endpoint) => list.find((other) => addressOf(other) === addressOf(e)) === e;
	return { firsts: list.filter(first), repeats: list.filter((e) => !first(e)) };
}

describe("a list of endpoints", () => {
	it("is split into the first of each address and the repeats", () => {
		fc.assert(
			fc.property(lists, (list) => {
				expect(atOnce(split(list))).toEqual(reference(list));
			}),
		);
	});

	it("is sorted in both parts, those of equal places in the order that they came in", () => {
		fc.assert(
			fc.property(lists, (list) => {
				const before = [...list];
				const { firsts, repeats } = reference(list);
				const sorted = atOnce(sortedSplit(list));
				expect(sorted.firsts).toEqual(firsts.sort(compareEndpoints));
				expect(sorted.repeats).toEqual(repeats.sort(compareEndpoints));
				expect(list).toEqual(before);
			}),
			randomRuns(500),
		);
	});

	it("is left alone where it is in order", () => {
		fc.assert(
			fc.property(lists, (list) => {
				const sorted = list.toSorted(compareEndpoints);
				expect(inCanonicalOrder(list)).toEqual(sorted);
				expect(inCanonicalOrder(sorted)).toBe(sorted);
			}),
		);
	});

	it("says by its order alone that no address repeats where all are of one priority and locality", () => {
		fc.assert(
			fc.property(lists, (list) => {
				const places = new Set(list.map(({ priority, locality }) => JSON.stringify([priority, locality])));
				const inOrder = list.every((e, i) => i === 0 || compareEndpoints(list[i - 1] as Endpoint, e) < 0);
				expect(isOneAfterAnother(list)).toBe(places.size <= 1 && inOrder);
				if (isOneAfterAnother(list)) expect(reference(list).repeats).toEqual([]);
			}),
			randomRuns(500),
		);
	});
});
