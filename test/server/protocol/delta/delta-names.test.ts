import { beforeEach, describe, expect, it } from "vitest";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { MAX_ENTERED } from "../../../../src/cache/subscriber-index.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { DeltaNames } from "../../../../src/server/protocol/delta/delta-names.js";
import { resourceOf } from "../transcripts/content.js";

const CDS = resourceType("cds");

let set: ResourceSet;
let told: string[];
let names: DeltaNames;

beforeEach(() => {
	set = new ResourceSet(CDS);
	told = [];
	names = new DeltaNames(set, { changed: (name) => void told.push(name) });
});

/** What is told of when each of these changes. */
function heard(...changed: string[]): string[] {
	told.length = 0;
	for (const [i, name] of changed.entries()) set.put(resourceOf(CDS, name, `${set.version} ${i}`), i);
	return told;
}

const asked = (...each: string[]) => each.map((name) => names.has(name));

describe("what a delta stream wants", () => {
	it("is nothing at first", () => {
		expect([names.size, names.wildcard, names.all, names.areShareable, [...names]]).toEqual([
			0,
			false,
			false,
			true,
			[],
		]);
		expect([names.followed.size, names.cursor, heard("a")]).toEqual([0, undefined, []]);
	});

	it("is the names that it begins with, which it may share", () => {
		const list = new Set(["a", "b"]);
		names.begin(list);
		expect([names.followed, names.size, [...names], names.areShareable]).toEqual([list, 2, ["a", "b"], true]);
		expect(names.followed).toBe(list);
		expect(names.cursor?.isBehind).toBe(false);
		expect([asked("a", "b", "c"), heard("a", "b", "c")]).toEqual([
			[true, true, false],
			["a", "b"],
		]);
	});

	it("is what came since, too", () => {
		names.begin(new Set(["a"]));
		for (const name of ["b", "c"]) names.add(name);
		expect([names.size, [...names], asked("a", "b", "c", "d"), names.areShareable]).toEqual([
			...[3, ["a", "b", "c"], [true, true, true, false], true],
		]);
		expect(heard("a", "b", "c", "d")).toEqual(["a", "b", "c"]);
		expect([names.delete("b"), names.delete("b"), names.size, heard("b", "c")]).toEqual([true, false, 2, ["c"]]);
	});

	it("is not what was given up of the names that it began with, until it is wanted again", () => {
		names.begin(new Set(["a", "b"]));
		expect([names.delete("a"), names.delete("a"), names.delete("c")]).toEqual([true, false, false]);
		expect([names.size, [...names], asked("a", "b"), names.areShareable]).toEqual([1, ["b"], [false, true], false]);
		names.add("a");
		expect([names.size, [...names], asked("a", "b"), names.areShareable]).toEqual([
			...[2, ["a", "b"], [true, true], true],
		]);
		expect(heard("a", "b")).toEqual(["a", "b"]);
	});

	it("is new once all was given up: the next list may be shared", () => {
		names.begin(new Set(["a", "b"]));
		for (const name of ["a", "b"]) names.delete(name);
		expect([names.size, names.followed.size, names.cursor, names.areShareable]).toEqual([0, 0, undefined, true]);
		expect([heard("a", "b"), set.subscriptions]).toEqual([[], 0]);
		names.add("a");
		expect([[...names], heard("a", "b")]).toEqual([["a"], ["a"]]);
		names.delete("a");
		const list = new Set(["c"]);
		names.begin(list);
		expect([names.followed, heard("a", "c"), set.subscriptions]).toEqual([list, ["c"], 1]);
	});

	it("is everything by a wildcard that lists, and the names still", () => {
		names.begin(new Set(["a"]));
		names.subscribeAll();
		expect([names.wildcard, names.all, names.wants("z"), names.has("z"), names.areShareable]).toEqual([
			...[true, true, true, false, false],
		]);
		expect(heard("a", "z")).toEqual(["a", "z"]);
		names.unsubscribeAll();
		expect([names.wildcard, names.all, names.wants("z"), names.wants("a"), heard("a", "z")]).toEqual([
			...[false, false, false, true, ["a"]],
		]);
	});

	it("is nothing by a wildcard of what is not listed", () => {
		names = new DeltaNames(new ResourceSet(resourceType("lds")), { changed: () => {} });
		names.subscribeAll();
		expect([names.wildcard, names.all, names.wants("a")]).toEqual([true, false, false]);
	});

	it("is nothing once it is closed", () => {
		names.begin(new Set(["a"]));
		names.add("b");
		names.subscribeAll();
		names.close();
		expect([names.wildcard, names.size, heard("a", "b", "c"), set.subscriptions]).toEqual([false, 0, [], 0]);
	});

	it("is very many names, too, of which each can be given up", () => {
		const many = Array.from({ length: MAX_ENTERED + 2 }, (_, i) => `n-${i}`);
		for (const name of [...many, ...many]) names.add(name);
		const [first, last, beforeLast] = ["n-0", `n-${MAX_ENTERED + 1}`, `n-${MAX_ENTERED}`];
		expect([names.size, set.subscriptions, [...names]]).toEqual([many.length, many.length, many]);
		expect([asked(first, last, "n-x"), heard(first, last, "n-x")]).toEqual([
			[true, true, false],
			[first, last],
		]);
		expect([first, last, last].map((name) => names.delete(name))).toEqual([true, true, false]);
		expect([names.size, heard(first, last, beforeLast)]).toEqual([many.length - 2, [beforeLast]]);
		names.close();
		expect([set.subscriptions, names.size, heard(beforeLast)]).toEqual([0, 0, []]);
	});
});
