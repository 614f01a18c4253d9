import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RegistryHold } from "../../../src/catalog/discover/registry-hold.js";
import { type GuardSettings, safeguardsOf } from "../../../src/model/keep/safeguards.js";

let guard: GuardSettings | undefined;
let hold: RegistryHold;
let released: number;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	guard = safeguardsOf({ guard: {} }).guard;
	released = 0;
	hold = new RegistryHold(
		() => guard,
		() => void released++,
	);
});

afterEach(() => {
	hold.stop();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

/** The registry has these at that time. @returns what is served then. */
function has(now: number, ...names: readonly string[]): string {
	hold.next(new Map(names.map((name) => [name, { service: name, target: `fake:///${name}` }])), now);
	return served();
}

const served = () => [...hold.services.keys()].toSorted().join("");
const letters = (text: string) => text.split("");

describe("what a registry does not have any more", () => {
	it.each([
		{ before: "abc", now: "", held: "" },
		{ before: "abcd", now: "", held: "abcd" },
		{ before: "abcd", now: "a", held: "abcd" },
		{ before: "abcd", now: "ab", held: "ab" },
		{ before: "abcde", now: "ab", held: "abcde" },
		{ before: "abcde", now: "abc", held: "abc" },
		{ before: "abcd", now: "xyz", held: "abcdxyz" },
	])("is held where that is more than half of 4 or more: $before, then $now", ({ before, now, held }) => {
		has(0, ...letters(before));
		expect(has(10_000, ...letters(now))).toBe(held);
		expect(hold.size).toBe(held.length - now.length);
	});

	it("is held where the guard says so alone", () => {
		guard = { ...(guard as GuardSettings), registry: false };
		has(0, ..."abcd");
		expect(has(1)).toBe("");
		guard = undefined;
		has(10_000, ..."abcd");
		expect(has(20_000)).toBe("");
	});

	it("is what was there last, where there were as many before that", () => {
		for (const [now, names] of ["abcdefgh", "abcdefxy", "abcde"].entries()) has(now, ...names);
		expect(has(3, "a")).toBe("abcdefxy");
	});

	it("counts nothing of what was there before a hold that is over", () => {
		has(0, ..."abcdefgh");
		has(9_000, ..."abcdefg");
		expect(has(10_000, "a")).toBe("abcdefgh");
		expect(has(10_001, ..."abcde")).toBe("abcde");
		expect(has(10_002, ..."abc")).toBe("abc");
	});

	it("counts all that was there within the 5 s before", () => {
		has(0, ..."abcdef");
		has(10_000, ..."abcd");
		expect(has(14_999, "a", "b")).toBe("abcdef");
		hold.stop();
		has(100_000, ..."abcdef");
		has(110_000, ..."abcd");
		expect(has(115_000, "a", "b")).toBe("ab");
	});

	it("counts what goes one by one within the 5 s", () => {
		has(0, ..."abcdef");
		for (const [i, left] of ["abcde", "abcd", "abc"].entries()) expect(has(10_000 + i, ...left)).toBe(left);
		expect(has(10_003, "a", "b")).toBe("abcdef");
	});

	it("counts it also where there were very many lists within the 5 s", () => {
		has(0, ..."abcdef");
		for (let i = 0; i < 40; i++) has(10_000 + i, ..."abcd");
		expect(has(10_050, "a", "b")).toBe("abcdef");
	});

	it("counts what goes one by one in the last 16 lists", () => {
		has(0, ..."abcde");
		has(10_000, ..."abcdefgh");
		for (let i = 2; i < 16; i++) expect(has(10_000 + i, ..."abcde")).toBe("abcde");
		expect(has(10_016, ..."abc")).toBe("abcdefgh");
		hold.stop();
		has(20_000, ..."abcde");
		has(30_000, ..."abcdefgh");
		for (let i = 2; i < 17; i++) expect(has(30_000 + i, ..."abcde")).toBe("abcde");
		expect(has(30_017, ..."abc")).toBe("abc");
	});

	it("is not held for what was there before a hold that has ended", () => {
		has(0, ..."abcd");
		has(10_000);
		expect(has(10_001, ..."abc")).toBe("abc");
		expect(has(10_002, "a")).toBe("a");
	});

	it("is held from the time on at which most went: what goes later is held with it, what is back is not", () => {
		has(0, ..."abcdef");
		expect(has(10_000, "a")).toBe("abcdef");
		expect(has(11_000)).toBe("abcdef");
		expect(has(12_000, "a", "b")).toBe("abcdef");
		expect(hold.size).toBe(4);
		expect(has(13_000, "a", "b", "c")).toBe("abc");
		expect(hold.size).toBe(0);
	});

	it("goes after a minute, and is then no reason to hold again", () => {
		has(0, ..."abcd");
		has(10_000, "a");
		vi.advanceTimersByTime(59_999);
		expect([served(), released]).toEqual(["abcd", 0]);
		vi.advanceTimersByTime(1);
		expect([served(), released]).toEqual(["a", 1]);
		expect(has(10_001, "a")).toBe("a");
	});

	it("waits a minute from the first time on, however often the registry says the same", () => {
		has(0, ..."abcd");
		has(10_000, "a");
		vi.advanceTimersByTime(30_000);
		has(40_000, "a");
		hold.answers(true);
		vi.advanceTimersByTime(30_000);
		expect([served(), released]).toEqual(["a", 1]);
	});

	it("waits only while the registry answers, and from the beginning when it answers again", () => {
		has(0, ..."abcd");
		has(10_000);
		vi.advanceTimersByTime(30_000);
		hold.answers(false);
		vi.advanceTimersByTime(600_000);
		expect(served()).toBe("abcd");
		hold.answers(true);
		vi.advanceTimersByTime(59_999);
		expect(served()).toBe("abcd");
		vi.advanceTimersByTime(1);
		expect(served()).toBe("");
	});

	it("waits for nothing where nothing is held", () => {
		has(0, ..."abcd");
		hold.answers(true);
		hold.answers(false);
		hold.answers(true);
		expect(vi.getTimerCount()).toBe(0);
	});

	it("goes where it is approved, once, and only what is held", () => {
		has(0, ..."abcd");
		expect(hold.approve("a")).toBe(false);
		has(10_000, "a");
		expect([hold.approve("b"), hold.approve("b"), hold.approve("a"), hold.approve("x")]).toEqual([
			...[true, false, false, false],
		]);
		expect([served(), hold.size]).toEqual(["acd", 2]);
	});

	it("is held anew after what was approved before is back", () => {
		has(0, ..."abcd");
		has(10_000);
		hold.approve("b");
		has(20_000, ..."abcd");
		expect(has(30_000)).toBe("abcd");
	});
});
