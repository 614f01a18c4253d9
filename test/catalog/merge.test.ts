import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Contribution, firstPriorityGap, mergeEndpoints, mergeInSteps } from "../../src/catalog/merge.js";
import { addressOf, compareEndpoints, type Endpoint, endpoint } from "../../src/model/endpoint.js";
import { anyEndpoint, distinctEndpoints } from "../model/arbitrary-endpoint.js";

const contributions: fc.Arbitrary<Contribution[]> = fc
	.array(fc.record({ priority: fc.integer({ min: 0, max: 5 }), endpoints: fc.array(anyEndpoint, { maxLength: 12 }) }), {
		maxLength: 4,
	})
	.map((list) => list.map((each, i) => ({ ...each, target: `t${i}` })));

function at(n: number, parts: Partial<Endpoint> = {}): Endpoint {
	return endpoint({ address: `10.0.0.${n}`, port: 80, ...parts });
}

describe("merging what the targets gave", () => {
	it("keeps of each address the one that came first", () => {
		fc.assert(
			fc.property(contributions, (list) => {
				const first = new Map<string, Endpoint>();
				for (const { endpoints } of list) {
					for (const e of endpoints) if (!first.has(addressOf(e))) first.set(addressOf(e), e);
				}
				const merged = mergeEndpoints(list).endpoints;
				expect(merged).toHaveLength(first.size);
				// Which additional addresses stay has tests of its own.
				for (const { priority, additionalAddresses: _, ...e } of merged) {
					const { additionalAddresses: _given, ...given } = first.get(addressOf(e)) as Endpoint;
					expect({ ...e, priority }).toEqual({ ...given, priority });
				}
			}),
		);
	});

	it.each([
		{ count: 1_022, steps: 1 },
		{ count: 1_023, steps: 1 },
		{ count: 1_024, steps: 3 },
		{ count: 2_047, steps: 3 },
		{ count: 2_048, steps: 5 },
	])("is done in steps of 1,024 endpoints, twice, and those of their order: $count", ({ count, steps }) => {
		const endpoints = Array.from({ length: count }, (_, i) => at(0, { address: `10.1.${i >> 8}.${i & 255}` }));
		const [one, other] = [endpoints.slice(0, 500), endpoints.slice(500)];
		const merging = mergeInSteps([one, other].map((each, i) => ({ target: `t${i}`, priority: 0, endpoints: each })));
		expect([...merging]).toHaveLength(steps);
	});

	it("gives the very list of a target alone in which there is nothing to mend, so that nothing is encoded again", () => {
		const alone = (...endpoints: Endpoint[]) => mergeEndpoints([{ target: "t", priority: 0, endpoints }]).endpoints;
		const given = [at(1), at(2)];
		expect(mergeEndpoints([{ target: "t", priority: 3, endpoints: given }]).endpoints).toBe(given);
		expect(alone(at(2), at(1))).toEqual(given);
		expect(alone(at(1), at(1), at(2))).toEqual(given);
		expect(alone(at(1, { priority: 1 }), at(2, { priority: 1 }))).toEqual(given);
	});

	it("gives the canonical order and priorities from 0 to at most 128 without a gap", () => {
		fc.assert(
			fc.property(contributions, (list) => {
				const { endpoints } = mergeEndpoints(list);
				expect(endpoints).toEqual([...endpoints].sort(compareEndpoints));
				const priorities = [...new Set(endpoints.map((e) => e.priority))];
				expect(priorities).toEqual(priorities.map((_, i) => i));
				expect(priorities.length).toBeLessThanOrEqual(129);
			}),
		);
	});

	it("does not depend on the order of targets or endpoints where no address repeats", () => {
		const shuffled = distinctEndpoints({ maxLength: 30 }).chain((list) =>
			fc.array(fc.tuple(fc.nat(2), fc.nat(3)), { minLength: list.length, maxLength: list.length }).chain((where) => {
				const groups = ["t0", "t1", "t2"].map((target, i) => ({
					target,
					priority: i,
					endpoints: list.filter((_, j) => where[j]?.[0] === i),
				}));
				const orders = groups.map((group) =>
					fc
						.shuffledSubarray(group.endpoints, { minLength: group.endpoints.length })
						.map((endpoints) => ({ ...group, endpoints })),
				);
				const other = fc.tuple(...orders).chain((g) => fc.shuffledSubarray(g, { minLength: 3 }));
				return fc.tuple(fc.constant(groups), other);
			}),
		);
		fc.assert(
			fc.property(shuffled, ([a, b]) => {
				expect(mergeEndpoints(b).endpoints).toEqual(mergeEndpoints(a).endpoints);
				expect([...mergeEndpoints(b).repairs].sort()).toEqual([...mergeEndpoints(a).repairs].sort());
			}),
		);
	});

	it("finds nothing more to mend in what it gave", () => {
		fc.assert(
			fc.property(contributions, (list) => {
				const { endpoints } = mergeEndpoints(list);
				const again = mergeEndpoints([{ target: "t", priority: 0, endpoints }]);
				expect(again.endpoints).toEqual(endpoints);
				expect(again.repairs).toEqual([]);
			}),
		);
	});

	it("puts a target's priority before its endpoints' own", () => {
		const { endpoints, repairs } = mergeEndpoints([
			{ target: "backup", priority: 1, endpoints: [at(3), at(4, { priority: 1 })] },
			{ target: "main", priority: 0, endpoints: [at(1), at(2, { priority: 1 })] },
		]);
		expect(endpoints.map((e) => [e.address, e.priority])).toEqual([
			["10.0.0.1", 0],
			["10.0.0.2", 1],
			["10.0.0.3", 2],
			["10.0.0.4", 3],
		]);
		expect(repairs).toEqual([]);
	});

	it("tells the lowest priority of one target from the highest of the next", () => {
		const { endpoints } = mergeEndpoints([
			{ target: "a", priority: 0, endpoints: [at(1, { priority: 128 })] },
			{ target: "b", priority: 1, endpoints: [at(2)] },
		]);
		expect(endpoints.map(({ address, priority }) => [address, priority])).toEqual([
			["10.0.0.1", 0],
			["10.0.0.2", 1],
		]);
	});

	it("uses the lowest of more than 129 priorities as one, and says so", () => {
		const endpoints = Array.from({ length: 100 }, (_, i) => at(i + 1, { priority: i }));
		const more = endpoints.map((e) => ({ ...e, port: 81 }));
		const merged = mergeEndpoints([
			{ target: "a", priority: 0, endpoints },
			{ target: "b", priority: 1, endpoints: more },
		]);
		expect(Math.max(...merged.endpoints.map((e) => e.priority))).toBe(128);
		expect(merged.endpoints.filter((e) => e.priority === 128)).toHaveLength(72);
		expect(merged.repairs).toEqual(["200 priorities, 129 are possible: the lowest ones are used as one"]);
	});

	it("notes each repair, duplicates and priority gaps, and what gets no traffic", () => {
		const { repairs, notes } = mergeEndpoints([
			{ target: "a", priority: 0, endpoints: [at(1), at(1), at(2, { weight: 0 })] },
			{ target: "b", priority: 0, endpoints: [at(1), at(3), at(4, { priority: 2 })] },
		]);
		expect(notes).toEqual([
			"duplicate endpoint 10.0.0.1:80 in a left out",
			"endpoint 10.0.0.2:80 has weight 0: it gets no traffic",
			"duplicate endpoint 10.0.0.1:80 in b left out, already given by a",
			"no endpoint of priority 1 in b: the lower priorities move up",
		]);
		expect(repairs).toEqual([notes[0], notes[2], notes[3]]);
		const alone = mergeEndpoints([{ target: "a", priority: 0, endpoints: [at(2, { weight: 0 })] }]);
		expect(alone).toMatchObject({ repairs: [], notes: [notes[1]] });
	});

	it("finds the first missing priority", () => {
		expect(firstPriorityGap([])).toBeUndefined();
		expect(firstPriorityGap([{ priority: 1 }, { priority: 0 }, { priority: 1 }])).toBeUndefined();
		expect(firstPriorityGap([{ priority: 3 }])).toBe(0);
		expect(firstPriorityGap([{ priority: 0 }, { priority: 3 }])).toBe(1);
	});
});
