import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WeightedRoundRobin } from "../../src/client/weighted-round-robin.js";

interface Item {
	readonly key: string;
	readonly weight: number;
}

function choices(weights: Readonly<Record<string, number>>): Item[] {
	return Object.entries(weights).map(([key, weight]) => ({ key, weight }));
}

function roundRobin(weights: Readonly<Record<string, number>>, random = 0): WeightedRoundRobin<Item> {
	const robin = new WeightedRoundRobin<Item>(
		({ key }) => key,
		() => random,
	);
	robin.set(choices(weights));
	return robin;
}

function keys(robin: WeightedRoundRobin<Item>, count: number): string {
	return Array.from({ length: count }, () => robin.next()?.key).join("");
}

function countOf(text: string, key: string): number {
	return text.split(key).length - 1;
}

/** Up to six keys with weights; the sum stays small enough to go a whole round. */
const weights = fc.dictionary(fc.constantFrom(..."abcdef"), fc.integer({ min: 1, max: 60 }), { minKeys: 1 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("weighted round robin", () => {
	it("has nothing to give without choices", () => {
		expect(roundRobin({}).next()).toBeUndefined();
		const robin = roundRobin({ a: 1 });
		robin.set([]);
		expect(robin.next()).toBeUndefined();
	});

	it("spreads the turns as evenly as they can be", () => {
		expect(keys(roundRobin({ a: 1, b: 1, c: 1 }), 6)).toBe("abcabc");
		expect(keys(roundRobin({ a: 5, b: 1, c: 1 }), 7)).toBe("aabacaa");
	});

	it("gives each exactly its share in every round, wherever the first one begins", () => {
		fc.assert(
			fc.property(weights, random, (of, start) => {
				const robin = roundRobin(of, start);
				const total = Object.values(of).reduce((sum, weight) => sum + weight, 0);
				for (let round = 0; round < 2; round++) {
					const turns = keys(robin, total);
					for (const [key, weight] of Object.entries(of)) expect(countOf(turns, key)).toBe(weight);
				}
			}),
		);
	});

	it("does not begin with the same for everybody", () => {
		const firsts = [0, 0.3, 0.6, 0.9].map((start) => keys(roundRobin({ a: 1, b: 1, c: 1, d: 1 }, start), 1));
		expect(firsts).toEqual(["a", "b", "c", "d"]);
	});

	it("lets those that stay keep their turn when the choices change", () => {
		const robin = roundRobin({ a: 1, b: 1, c: 1 });
		expect(keys(robin, 1)).toBe("a");
		robin.set(choices({ a: 1, b: 1, c: 1 }));
		expect(keys(robin, 1)).toBe("b");
		robin.set(choices({ a: 1, b: 1, c: 1, d: 1 }));
		// Not a, which had its turn.
		expect(keys(robin, 2)).toMatch(/^(cd|dc)$/);
	});

	it("follows new weights at once, however large the old ones were", () => {
		const robin = roundRobin({ a: 65_535, b: 1 });
		for (let i = 0; i < 30_000; i++) robin.next();
		robin.set(choices({ a: 1, b: 1 }));
		const turns = keys(robin, 20);
		expect(countOf(turns, "b")).toBeGreaterThanOrEqual(9);
		expect(countOf(turns, "a")).toBeGreaterThanOrEqual(9);
	});

	it("stays within a few turns of each share, whatever changes happened before", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(weights, fc.nat(100)), { minLength: 1, maxLength: 20 }), (changes) => {
				const robin = roundRobin({});
				for (const [of, turns] of changes) {
					robin.set(choices(of));
					keys(robin, turns);
				}
				const [last = {}] = changes.at(-1) ?? [];
				const total = Object.values(last).reduce((sum, weight) => sum + weight, 0);
				const turns = keys(robin, total * 2);
				for (const [key, weight] of Object.entries(last)) {
					expect(Math.abs(countOf(turns, key) - weight * 2)).toBeLessThanOrEqual(Object.keys(last).length);
				}
			}),
		);
	});
});
