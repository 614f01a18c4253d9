import { beforeEach, describe, expect, it, vi } from "vitest";
import { RemovalGuard } from "../../../src/catalog/keep/removal-guard.js";
import { addressOf, type Endpoint } from "../../../src/model/endpoint.js";
import type { GuardSettings } from "../../../src/model/keep/safeguards.js";
import { at } from "../fake-provider.js";

const GUARD: GuardSettings = { maxRemovalPercent: 50, minEndpoints: 1, holdFor: 60_000, registry: true };

let guard: RemovalGuard;

beforeEach(() => {
	guard = new RemovalGuard();
});

const number = (e: Endpoint) => Number(/^10\.0\.0\.(\d+):80$/.exec(addressOf(e))?.[1]);
const numbers = (list: readonly Endpoint[]) => list.map(number).sort((a, b) => a - b);
const held = () => guard.hold && numbers(guard.hold.endpoints);

/** What the source says. @returns what is served. */
function say(now: number, list: readonly (number | Endpoint)[], settings: GuardSettings | undefined = GUARD): number[] {
	guard.next({ endpoints: list.map((e) => (typeof e === "number" ? at(e) : e)), live: false, now }, settings);
	return numbers(guard.served);
}

describe("what goes all at once", () => {
	it("is held as far as it gets traffic", () => {
		const healths = ["healthy", "unknown", "degraded", "draining", "timeout", "unhealthy"] as const;
		say(0, [...healths.map((health, i) => at(i + 1, { health })), at(7, { weight: 0 }), at(8, { weight: 1 })]);
		expect(say(10_000, [])).toEqual([1, 2, 3, 8]);
		expect([held(), guard.hold?.before, guard.hold?.why]).toEqual([[1, 2, 3, 8], 4, "target"]);
	});

	it("is held from more than the share on, and two at least", () => {
		say(0, [1, 2, 3, 4]);
		expect(say(10_000, [1, 2])).toEqual([1, 2]);
		expect(say(20_000, [1, 2, 3, 4, 5])).toEqual([1, 2, 3, 4, 5]);
		expect(say(30_000, [1, 2])).toEqual([1, 2, 3, 4, 5]);
		const settings = { ...GUARD, maxRemovalPercent: 0, minEndpoints: 0 };
		guard = new RemovalGuard();
		say(0, [1], settings);
		expect(say(10_000, [], settings)).toEqual([]);
		say(20_000, [1, 2], settings);
		expect(say(30_000, [1], settings)).toEqual([1, 2]);
	});

	it("is held where fewer are left than there must be, and there were as many", () => {
		const settings = { ...GUARD, maxRemovalPercent: 100, minEndpoints: 3 };
		say(0, [1, 2, 3, 4], settings);
		expect(say(10_000, [1, 2, 3], settings)).toEqual([1, 2, 3]);
		expect(say(20_000, [1, 2], settings)).toEqual([1, 2, 3]);
		guard = new RemovalGuard();
		say(0, [1, 2], settings);
		expect(say(10_000, [1], settings)).toEqual([1]);
	});

	it("is held no longer because of what goes in order meanwhile", () => {
		vi.useFakeTimers({ toFake: ["Date"], now: 1_000 });
		const settings = { ...GUARD, maxRemovalPercent: 80, minEndpoints: 3 };
		const draining = [31, 32].map((n) => at(n, { health: "draining" }));
		const many = Array.from({ length: 20 }, (_, i) => i + 1);
		say(0, many, settings);
		say(10_000, [1, ...draining], settings);
		expect(held()).toEqual(many.slice(1));
		vi.setSystemTime(2_000);
		say(20_000, [1], settings);
		expect([held(), guard.hold?.since.getTime()]).toEqual([many.slice(1), 1_000]);
		vi.useRealTimers();
	});

	it("counts from what there is, where nothing can be held of what went before", () => {
		const atMost = (maxRemovalPercent: number) => ({ ...GUARD, maxRemovalPercent });
		say(0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
		say(10_000, [1, 2, 3, 4, 5]);
		// By what counts now too many have gone in the last 5 s, but none at this moment.
		expect(say(11_000, [1, 2, 3, 4, 5, 11], atMost(20))).toEqual([1, 2, 3, 4, 5, 11]);
		expect(say(20_000, [1, 2], atMost(60))).toEqual([1, 2, 3, 4, 5, 11]);
		expect(guard.hold?.before).toBe(6);
	});

	it("is not held without a guard, and ends what was held", () => {
		say(0, [1, 2, 3]);
		say(10_000, []);
		guard.next({ endpoints: [], live: false, now: 20_000 }, undefined);
		expect([held(), guard.served]).toEqual([undefined, []]);
		expect(guard.isEmptied(20_000)).toBe(false);
	});

	it("is held of a followed source only where nothing is left", () => {
		const say = (now: number, ...list: number[]) =>
			guard.next({ endpoints: list.map((n) => at(n)), live: true, now }, GUARD);
		say(0, 1, 2, 3, 4);
		say(10_000, 1);
		expect(held()).toBeUndefined();
		say(20_000, 1, 2);
		say(30_000);
		expect(held()).toEqual([1, 2]);
	});
});

describe("while something is held", () => {
	beforeEach(() => {
		say(0, [1, 2, 3, 4, 5, 6]);
		say(10_000, [1]);
		expect(held()).toEqual([2, 3, 4, 5, 6]);
	});

	it("what is back is not held any more, and all goes once enough is back", () => {
		expect(say(20_000, [1, 2])).toEqual([1, 2, 3, 4, 5, 6]);
		expect([held(), guard.hold?.before]).toEqual([[3, 4, 5, 6], 6]);
		expect(say(30_000, [1, 2, 3])).toEqual([1, 2, 3]);
		expect(held()).toBeUndefined();
	});

	it("the very same hold stays where the source says the same", () => {
		const { hold } = guard;
		say(20_000, [1]);
		expect(guard.hold).toBe(hold);
	});

	it("what goes, too, is held with it from then on", () => {
		vi.setSystemTime(5_000);
		expect(say(20_000, [])).toEqual([1, 2, 3, 4, 5, 6]);
		expect([held(), guard.hold?.since.getTime()]).toEqual([[1, 2, 3, 4, 5, 6], 5_000]);
		vi.useRealTimers();
	});

	it("what comes and goes again is not held where enough of what came is left", () => {
		expect(say(20_000, [1, 11])).toEqual([1, 2, 3, 4, 5, 6, 11]);
		expect(say(30_000, [1])).toEqual([1, 2, 3, 4, 5, 6]);
		expect(held()).toEqual([2, 3, 4, 5, 6]);
	});

	it("what is there still is not held with what goes, too", () => {
		guard = new RemovalGuard();
		say(0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
		say(10_000, [1]);
		say(20_000, [1, 11, 12, 13]);
		say(30_000, [13]);
		expect(held()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
	});

	it("what drains now does not count as gone", () => {
		const draining = [2, 3].map((n) => at(n, { health: "draining" }));
		expect(say(20_000, [1, ...draining])).toEqual([1, 2, 3, 4, 5, 6]);
		expect([held(), guard.hold?.before]).toEqual([[4, 5, 6], 4]);
		const more = [2, 3, 4, 5].map((n) => at(n, { health: "draining" }));
		expect(say(30_000, [1, ...more])).toEqual([1, 2, 3, 4, 5]);
		expect(held()).toBeUndefined();
	});

	it("it ends with a release, or is forgotten with all that was served", () => {
		guard.release(20_000);
		expect([held(), numbers(guard.served), guard.isEmptied(20_000)]).toEqual([undefined, [1], false]);
		say(30_000, [1, 2, 3]);
		say(40_000, []);
		expect([held(), guard.isEmptied(40_000)]).toEqual([[1, 2, 3], true]);
		guard.forget(50_000);
		expect([held(), guard.served, guard.isEmptied(50_000)]).toEqual([undefined, [], false]);
	});
});

describe("a hold for the registry", () => {
	it("has what was served, and how many there were", () => {
		say(0, [1, 2, 3, 4, 5]);
		say(1_000, [1, 2, 3], undefined);
		guard = new RemovalGuard();
		say(0, [1, 2, 3, 4], { ...GUARD, maxRemovalPercent: 100 });
		say(1_000, [1, 2], { ...GUARD, maxRemovalPercent: 100 });
		const { served } = guard;
		say(2_000, [], { ...GUARD, maxRemovalPercent: 100, minEndpoints: 0 });
		expect([held(), guard.isEmptied(2_000)]).toEqual([undefined, true]);
		guard.holdFor("waiting", served, 2_000);
		expect([held(), guard.hold?.before, guard.hold?.why]).toEqual([[1, 2], 4, "waiting"]);
		const since = guard.hold?.since;
		guard.holdFor("registry", guard.served, 3_000);
		expect([held(), guard.hold?.why, guard.hold?.since === since]).toEqual([[1, 2], "registry", true]);
		expect(numbers(guard.served)).toEqual([1, 2]);
		guard.holdFor("registry", [], 60_000);
		expect(held()).toEqual([1, 2]);
	});

	it("goes on where the source still has nothing, and ends with anything", () => {
		say(0, [1], { ...GUARD, minEndpoints: 0 });
		const { served } = guard;
		say(10_000, [], { ...GUARD, minEndpoints: 0 });
		guard.holdFor("registry", served, 10_000);
		expect(guard.hold?.before).toBe(1);
		say(20_000, [at(9, { health: "unhealthy" })], { ...GUARD, minEndpoints: 0, maxRemovalPercent: 100 });
		expect(held()).toEqual([1]);
		expect(say(30_000, [2], { ...GUARD, minEndpoints: 0, maxRemovalPercent: 100 })).toEqual([2]);
		expect(held()).toBeUndefined();
	});

	it("is nothing where nothing of what was served gets traffic", () => {
		guard.holdFor("registry", [at(1, { health: "unhealthy" })], 0);
		expect([held(), guard.served]).toEqual([undefined, []]);
	});
});

it("what an earlier process had is where it begins, with what was held", () => {
	const hold = { endpoints: [at(1), at(2)], before: 3, since: new Date(1_000), why: "target" as const };
	guard.restore([at(3)], hold, 0);
	expect([numbers(guard.served), guard.hold]).toEqual([[1, 2, 3], hold]);
	guard = new RemovalGuard();
	guard.restore([at(1), at(2), at(3)], undefined, 0);
	expect([held(), say(100, [1])]).toEqual([undefined, [1, 2, 3]]);
	expect(guard.hold?.before).toBe(3);
});
