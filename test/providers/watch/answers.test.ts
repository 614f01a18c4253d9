import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Endpoint, endpoint } from "../../../src/model/endpoint.js";
import { Answers } from "../../../src/providers/watch/answers.js";
import { usableEndpoints } from "../../../src/providers/watch/usable-endpoints.js";
import { anyEndpoint } from "../../model/arbitrary-endpoint.js";
import { randomRuns } from "../../random-runs.js";

/** By its port in one zone or another. */
function inZone(address: string, port: number): Endpoint {
	return endpoint({ address, port, locality: { region: "eu", zone: port % 3 === 0 ? "a" : "b", subZone: "" } });
}

const MANY = Array.from({ length: 80 }, (_, i) => inZone("10.0.0.2", i + 1));

/** Mostly of those that are alike in all but the address, in order; now and then a stranger, or what nobody could use. */
const answer: fc.Arbitrary<Endpoint[]> = fc
	.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 12 })
	.chain((numbers) => {
		const plain = numbers.sort((a, b) => a - b).map((port) => inZone("10.0.0.1", port));
		const strange = fc.oneof(
			anyEndpoint,
			anyEndpoint.map((e) => ({ ...e, address: "web.internal" })),
			anyEndpoint.map((e) => ({ ...e, port: 0 })),
		);
		const place = fc.nat(plain.length);
		return fc.oneof(
			{ weight: 3, arbitrary: fc.constant(plain) },
			fc.tuple(place, strange).map(([at, e]) => plain.toSpliced(at, 0, e)),
			fc
				.tuple(place, fc.constantFrom(0, 70_000))
				.map(([at, weight]) => plain.toSpliced(at, 1, endpoint({ address: "10.0.0.1", port: 7, weight }))),
			fc.shuffledSubarray(plain),
		);
	});

/** From a source that changes little of its list, in its own order, and makes it anew each time. */
const history = fc.array(answer, { minLength: 1, maxLength: 4 }).chain((lists) =>
	fc
		.tuple(
			fc.array(fc.record({ kept: fc.nat(14), rest: fc.nat(14) }), { minLength: lists.length, maxLength: lists.length }),
			fc.constantFrom([], MANY),
		)
		.map(([cuts, rest]) => {
			let last: readonly Endpoint[] = rest;
			return lists.map((list, i) => {
				const { kept, rest } = cuts[i] as { kept: number; rest: number };
				last = [...last.slice(0, kept), ...list.slice(0, rest), ...last.slice(kept + 1)].map((e) => ({ ...e }));
				return last;
			});
		}),
);

describe("what is used of an answer", () => {
	it("is the same whatever came before", () => {
		fc.assert(
			fc.property(history, (lists) => {
				const answers = new Answers();
				for (const list of lists) expect(answers.next(list)).toEqual(usableEndpoints(list));
			}),
			randomRuns(1_000),
		);
	});

	it("is plain exactly where it is addresses only, each once, and all of it", () => {
		const [a, b] = [1, 2].map((port) => endpoint({ address: "10.0.0.1", port })) as [Endpoint, Endpoint];
		const zone = { region: "eu", zone: "a", subZone: "" };
		expect(usableEndpoints([]).plain).toBe(true);
		expect(usableEndpoints([a, b]).plain).toBe(true);
		expect(usableEndpoints([b, a])).toEqual({ endpoints: [a, b], problems: [], plain: true });
		expect(usableEndpoints([a, a]).plain).toBe(false);
		expect(usableEndpoints([a, { ...b, locality: zone }]).plain).toBe(true);
		expect(usableEndpoints([a, { ...a, locality: zone }]).plain).toBe(false);
		expect(usableEndpoints([b, { ...a, priority: 1 }])).toMatchObject({
			endpoints: [b, { ...a, priority: 1 }],
			plain: true,
		});
		expect(usableEndpoints([a, { ...b, address: "web.internal" }]).plain).toBe(false);
		expect(usableEndpoints([a, { ...b, port: 0 }])).toMatchObject({ endpoints: [a], plain: false });
	});

	it("is the very same endpoint where nothing of it changed, in whatever order the source has them", () => {
		const list = () => [3, 1, 2].map((port) => endpoint({ address: "10.0.0.1", port, origin: { target: "a" } }));
		const answers = new Answers();
		const before = answers.next(list());
		expect(answers.next(list())).toBe(before);
		const [one, two, three] = before.endpoints as [Endpoint, Endpoint, Endpoint];
		const changed = { ...one, weight: 7 };
		const after = answers.next(list().with(1, changed)).endpoints;
		expect(after.map((e, i) => e === [changed, two, three][i])).toEqual([true, true, true]);
		const later = list().map((e): Endpoint => ({ ...e, origin: { target: "a", revision: "2", at: new Date() } }));
		expect(answers.next(later.with(1, { ...changed })).endpoints).toBe(after);
		const elsewhere = { ...one, origin: { target: "a", object: "other" } };
		expect(answers.next(list().with(1, elsewhere)).endpoints[0]).toBe(elsewhere);
	});

	it("is found again after an answer that could not be read", () => {
		const [one, two] = [1, 2].map((port) => endpoint({ address: "10.0.0.1", port })) as [Endpoint, Endpoint];
		const { locality: _, ...bare } = one;
		const answers = new Answers();
		const before = answers.next([one, two]);
		for (let i = 0; i < 2; i++) expect(() => answers.next([one, null as unknown as Endpoint])).toThrow(TypeError);
		expect(answers.next([one, two])).toBe(before);
		expect(answers.next([bare as Endpoint, two]).problems).toHaveLength(1);
		expect(answers.next([one, two])).toEqual(before);
	});

	it("does not change when the source goes on using its list", () => {
		const list = [endpoint({ address: "10.0.0.1", port: 1 })];
		const { endpoints } = new Answers().next(list);
		list.pop();
		expect(endpoints).toHaveLength(1);
	});
});
