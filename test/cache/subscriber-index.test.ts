import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Subscriber, SubscriberIndex } from "../../src/cache/subscriber-index.js";

const NAMES = ["a", "b", "c", "d"];
const SETS: readonly ReadonlySet<string>[] = [new Set(["a"]), new Set(["a", "b"]), new Set(["b", "c", "d"]), new Set()];

class Told implements Subscriber {
	readonly names: string[] = [];

	changed(name: string): void {
		this.names.push(name);
	}
}

const action = fc.record({
	who: fc.nat({ max: 3 }),
	what: fc.oneof(fc.constantFrom(...NAMES), fc.nat({ max: SETS.length - 1 })),
	adds: fc.boolean(),
});

describe("the index of subscribers", () => {
	it("tells of a name each who wants it, by itself or in a set, and nobody else", () => {
		fc.assert(
			fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
				const index = new SubscriberIndex();
				const subscribers = Array.from({ length: 4 }, () => new Told());
				const wanted = subscribers.map(() => new Set<string | number>());
				for (const { who, what, adds } of actions) {
					const subscriber = subscribers[who] as Told;
					const wants = wanted[who] as Set<string | number>;
					const set = typeof what === "number" ? (SETS[what] as ReadonlySet<string>) : undefined;
					if (adds) {
						if (set) index.addSet(set, subscriber);
						else index.add(what as string, subscriber);
						wants.add(what);
					} else {
						const others = wanted.some((each, i) => i !== who && each.has(what));
						const had = wants.delete(what);
						if (set) expect(index.deleteSet(set, subscriber)).toBe(had && !others);
						else expect(index.delete(what as string, subscriber)).toBe(had);
					}
				}
				const expected = wanted.map((wants) =>
					NAMES.flatMap((name) => [...wants].filter((each) => each === name || has(each, name)).map(() => name)),
				);
				for (const name of NAMES) {
					expect(index.has(name)).toBe(expected.some((names) => names.includes(name)));
					index.tell(name, 0, undefined, new Set());
				}
				expect(subscribers.map(({ names }) => names)).toEqual(expected);
				expect(index.size).toBe(expected.flat().length);
			}),
		);
	});

	it("does not tell those who are told by others", () => {
		const index = new SubscriberIndex();
		const [byName, bySet, other] = [new Told(), new Told(), new Told()];
		index.add("a", byName);
		index.addSet(SETS[1] as ReadonlySet<string>, bySet);
		index.add("a", other);
		index.tell("a", 0, undefined, new Set([byName, bySet]));
		expect([byName, bySet, other].map(({ names }) => names)).toEqual([[], [], ["a"]]);
	});
});

function has(each: string | number, name: string): boolean {
	return typeof each === "number" && (SETS[each]?.has(name) ?? false);
}
