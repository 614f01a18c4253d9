import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cursor, Subscriber } from "../../src/cache/change-feed.js";
import { SubscriberIndex } from "../../src/cache/subscriber-index.js";

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
	it.each([
		["of all sets", undefined],
		["of small sets alone", 1],
	])("tells of a name each who wants it, by itself or in a set, where names are entered %s", (_, maxEntered) => {
		fc.assert(
			fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
				const index = new SubscriberIndex(maxEntered);
				const subscribers = Array.from({ length: 4 }, () => new Told());
				const wanted = subscribers.map(() => new Set<string | number>());
				const following = new Map<string, Cursor>();
				for (const { who, what, adds } of actions) {
					const subscriber = subscribers[who] as Told;
					const wants = wanted[who] as Set<string | number>;
					const set = typeof what === "number" ? (SETS[what] as ReadonlySet<string>) : undefined;
					if (adds) {
						if (!set) index.add(what as string, subscriber);
						else if (!wants.has(what)) following.set(`${who} ${what}`, index.follow(set, subscriber));
						wants.add(what);
					} else {
						const others = wanted.some((each, i) => i !== who && each.has(what));
						const had = wants.delete(what);
						const cursor = following.get(`${who} ${what}`);
						if (set && had && cursor) expect(index.leave(set, cursor)).toBe(!others);
						else if (!set) expect(index.delete(what as string, subscriber)).toBe(had);
					}
				}
				const expected = wanted.map((wants) =>
					NAMES.flatMap((name) => [...wants].filter((each) => each === name || has(each, name)).map(() => name)),
				);
				for (const name of NAMES) {
					expect(index.has(name)).toBe(expected.some((names) => names.includes(name)));
					expect(index.count(name)).toBe(expected.flat().filter((each) => each === name).length);
					index.tell(name, 0, undefined);
					for (const [i, names] of expected.entries()) {
						expect(index.tells(name, subscribers[i] as Told)).toBe(names.includes(name));
					}
				}
				expect(subscribers.map(({ names }) => names)).toEqual(expected);
				expect(index.size).toBe(expected.flat().length);
			}),
		);
	});
});

it("a subscriber with very many names is asked, for what they are then", () => {
	const index = new SubscriberIndex();
	const told = new Told();
	const many = new Set(["a", "b"]);
	index.add("x", told);
	index.ask(many, told);
	many.delete("b");
	for (const name of ["a", "b", "x"]) index.tell(name, 0, undefined);
	expect([told.names, index.size]).toEqual([["a", "x"], 2]);
	expect(["a", "b", "x"].map((name) => [index.has(name), index.tells(name, told)])).toEqual([
		[true, true],
		[false, false],
		[true, true],
	]);
	index.add("a", new Told());
	expect(["a", "b", "x"].map((name) => index.count(name))).toEqual([2, 0, 1]);
	index.doNotAsk(told);
	expect(index.count("a")).toBe(1);
	index.tell("a", 0, undefined);
	expect([told.names, index.size, index.tells("a", told)]).toEqual([["a", "x"], 2, false]);
});

it("counts each time that somebody subscribes or ends it", () => {
	const index = new SubscriberIndex();
	const [told, names] = [new Told(), new Set(["a"])];
	let cursor: Cursor | undefined;
	const steps = [
		() => index.add("a", told),
		() => index.ask(names, told),
		() => {
			cursor = index.follow(names, told);
		},
		() => index.delete("a", told),
		() => index.doNotAsk(told),
		() => index.leave(names, cursor as Cursor),
	];
	const changes = steps.map((step) => {
		step();
		return index.changes;
	});
	expect(changes).toEqual([1, 2, 3, 4, 5, 6]);
	index.delete("a", told);
	expect(index.changes).toBe(6);
});

function has(each: string | number, name: string): boolean {
	return typeof each === "number" && (SETS[each]?.has(name) ?? false);
}
