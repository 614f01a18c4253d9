import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../../../src/model/endpoint.js";
import { NO_LOCALITY } from "../../../../src/model/locality.js";
import { totalWeight, withinUint32 } from "../../../../src/resources/assignment/encode/assigned-locality.js";
import { at } from "../../decoded-assignment.js";

const MAX = 2 ** 32 - 1;

const scaled = (...list: readonly (readonly [priority: number, weight: number])[]) =>
	withinUint32(list.map(([priority, weight]) => ({ priority, weight, locality: NO_LOCALITY, endpoints: [] }))).map(
		({ weight }) => weight,
	);

describe("the weights of the localities of a priority", () => {
	it("stay as they are up to 2³²−1 together", () => {
		expect(scaled([0, MAX - 1], [0, 1])).toEqual([MAX - 1, 1]);
		expect(scaled([0, MAX], [1, MAX])).toEqual([MAX, MAX]);
	});

	it("are scaled from 2³² on, each to 1 at least, and those of other priorities are not", () => {
		expect(scaled([0, MAX], [0, 1], [1, 7])).toEqual([Math.floor((MAX / (MAX + 1)) * (MAX - 3)), 1, 7]);
		expect(scaled([0, 2 ** 32], [0, 2 ** 32])).toEqual([(MAX - 3) / 2, (MAX - 3) / 2]);
	});

	it("are the sums of their endpoints' weights", () => {
		const own = ({ weight }: Endpoint) => weight;
		expect([totalWeight([], own), totalWeight([at(1, { weight: 3 }), at(2, { weight: 4 })], own)]).toEqual([0, 7]);
	});
});
