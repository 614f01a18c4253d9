import { beforeEach, describe, expect, it } from "vitest";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { SotwNames } from "../../../../src/server/protocol/sotw/sotw-names.js";
import { atOnce } from "../../../../src/util/steps.js";
import { resourceOf } from "../transcripts/content.js";

const CDS = resourceType("cds");
const ALL_THE_SAME = { again: [], removed: [], newlyWildcard: false };

let set: ResourceSet;
let told: string[];
let names: SotwNames;

function begin(type = CDS): void {
	set = new ResourceSet(type);
	told = [];
	names = new SotwNames(set, { changed: (name) => void told.push(name) });
}

beforeEach(() => {
	begin();
});

/** What a list of names changes. */
function update(...list: string[]) {
	const change = atOnce(names.update(list));
	return change && { ...change, added: [...change.added], again: [...change.again], removed: [...change.removed] };
}

/** What is told of when each of these changes. */
function heard(...changed: string[]): string[] {
	told.length = 0;
	for (const [i, name] of changed.entries()) set.put(resourceOf(set.type, name, `${set.version} ${i}`), i);
	return told;
}

describe("what a SotW stream wants", () => {
	it("is nothing at first", () => {
		expect([names.size, names.wildcard, names.all, names.areShareable, [...names]]).toEqual([
			0,
			false,
			false,
			true,
			[],
		]);
		expect([names.cursor, names.followed.size, names.wants("a"), heard("a")]).toEqual([undefined, 0, false, []]);
	});

	it("is the names of the last list", () => {
		expect(update("a", "b")).toEqual({ ...ALL_THE_SAME, added: ["a", "b"] });
		expect([names.size, [...names], names.has("a"), names.has("c"), names.wants("b"), names.areShareable]).toEqual([
			...[2, ["a", "b"], true, false, true, true],
		]);
		expect([heard("a", "b", "c"), set.subscriptions]).toEqual([["a", "b"], 2]);
		expect(update("b", "c")).toEqual({ ...ALL_THE_SAME, added: ["c"], removed: ["a"] });
		expect([heard("a", "b", "c"), set.subscriptions]).toEqual([["b", "c"], 2]);
		expect(update("c")).toEqual({ ...ALL_THE_SAME, added: [], removed: ["b"] });
		expect([[...names], heard("a", "b", "c")]).toEqual([["c"], ["c"]]);
	});

	it("is the same where the list is, in whatever order", () => {
		const list = ["a", "b"];
		atOnce(names.update(list));
		const { followed, cursor } = names;
		expect([atOnce(names.update(list)), update("b", "a"), update("a", "b", "a")]).toEqual([
			undefined,
			undefined,
			undefined,
		]);
		expect(names.followed).toBe(followed);
		expect(names.cursor).toBe(cursor);
	});

	it("is the same without a look at the names where it is the very same list", () => {
		const list = ["a", "b"];
		atOnce(names.update(list));
		expect([names.areLast(list), names.areLast(["a", "b"])]).toEqual([true, false]);
		expect(names.update(list).next().done).toBe(true);
	});

	it("is the very same Set for each stream with the list, so that they share its changes", () => {
		const list = ["a", "b"];
		atOnce(names.update(list));
		const other = new SotwNames(set, { changed: () => {} });
		atOnce(other.update(list));
		expect(other.followed).toBe(names.followed);
		expect(other.cursor?.feed).toBe(names.cursor?.feed);
	});

	it("is everything where the first list is empty, until one has names", () => {
		expect(update()).toEqual({ ...ALL_THE_SAME, added: [], newlyWildcard: true });
		expect([names.wildcard, names.all, names.wants("z"), names.has("z"), names.areShareable]).toEqual([
			...[true, true, true, false, false],
		]);
		expect([heard("z"), update()]).toEqual([["z"], undefined]);
		expect(update("a")).toEqual({ ...ALL_THE_SAME, added: ["a"] });
		expect([names.wildcard, heard("a", "z"), names.areShareable]).toEqual([false, ["a"], true]);
		expect(update()).toEqual({ ...ALL_THE_SAME, added: [], removed: ["a"] });
		expect([names.wildcard, names.wants("z"), heard("a", "z"), set.subscriptions]).toEqual([false, false, [], 0]);
	});

	it("is everything by a star, with the names beside it", () => {
		expect(update("*", "a")).toEqual({ ...ALL_THE_SAME, added: ["a"], newlyWildcard: true });
		expect([[...names], names.wildcard, names.wants("z"), heard("a", "z")]).toEqual([
			...[["a"], true, true, ["a", "z"]],
		]);
		expect(update("*")).toEqual({ ...ALL_THE_SAME, added: [], removed: ["a"] });
		expect(update()).toEqual({ ...ALL_THE_SAME, added: [] });
		expect([names.wildcard, heard("a")]).toEqual([false, []]);
	});

	it("has no wildcard where the type has none", () => {
		begin(resourceType("eds"));
		expect([update(), names.wildcard, update("*"), names.wildcard]).toEqual([undefined, false, undefined, false]);
	});

	it("lists nothing by the wildcard where the type lists nothing", () => {
		begin(resourceType("lds"));
		expect(update("*")?.newlyWildcard).toBe(true);
		expect([names.wildcard, names.all, names.wants("a"), names.areShareable]).toEqual([true, false, false, false]);
	});

	it("is the same in another set, and nothing in the one before", () => {
		for (const list of [["a", "b"], ["*", "a", "b"], []]) {
			begin();
			update(...list);
			const [before, held] = [set, set.subscriptions];
			expect(held).toBeGreaterThan(0);
			set = new ResourceSet(CDS);
			names.moveTo(set);
			expect([before.subscriptions, set.subscriptions]).toEqual([0, held]);
			expect(heard("a")).toEqual(["a"]);
		}
	});

	it("is nothing once it is closed", () => {
		update("*", "a");
		names.close();
		expect([heard("a", "z"), set.subscriptions, names.cursor]).toEqual([[], 0, undefined]);
		names.close();
	});
});

describe("names that are missing in a stale request", () => {
	it("are added anew by the next one", () => {
		const list = ["a", "b"];
		atOnce(names.update(list));
		atOnce(names.noteStale(["b"]));
		const change = atOnce(names.update(list));
		expect([change && [...change.added], change && [...change.again], change && [...change.removed]]).toEqual([
			...[["a"], ["a"], []],
		]);
		expect([atOnce(names.update(list)), [...names], heard("a", "b")]).toEqual([undefined, ["a", "b"], ["a", "b"]]);
	});

	it("are added anew together with new ones, and forgotten where they are still missing", () => {
		update("a", "b");
		atOnce(names.noteStale(["b"]));
		expect(update("a", "b", "c")).toEqual({ ...ALL_THE_SAME, added: ["a", "c"], again: ["a"] });
		atOnce(names.noteStale([]));
		expect(update("a")).toMatchObject({ added: ["a"], removed: ["b", "c"] });
		expect(update("a", "b")).toMatchObject({ added: ["b"], again: [] });
	});

	it("are none of a wildcard that the stale request has, as a star or as the empty list that means it still", () => {
		for (const list of [[], ["*"]]) {
			begin();
			update(...list);
			atOnce(names.noteStale([...list]));
			expect(update(...list)).toBeUndefined();
		}
	});

	it("are all of a wildcard that the stale request lacks: it is asked for anew", () => {
		for (const [list, stale] of [
			[["*"], []],
			[["*", "a"], ["a"]],
			[[], ["a"]],
		] as const) {
			begin();
			update(...list);
			atOnce(names.noteStale(stale));
			expect(update(...list)?.newlyWildcard).toBe(true);
			expect(update(...list)).toBeUndefined();
		}
	});

	it("are none where it is the list of before", () => {
		const list = ["a"];
		atOnce(names.update(list));
		atOnce(names.noteStale(list));
		expect(atOnce(names.update(list))).toBeUndefined();
	});

	it("is none that was not wanted, nor one that the stale request has", () => {
		update("a");
		atOnce(names.noteStale(["a", "c"]));
		expect(update("a", "c")).toEqual({ ...ALL_THE_SAME, added: ["c"] });
	});
});

it("a change of names misses nothing of those that stay", () => {
	const missed: string[] = [];
	const subscriber = { changed: () => {}, behind: () => {}, missed: (name: string) => void missed.push(name) };
	names = new SotwNames(set, subscriber);
	atOnce(names.update(["a", "b"]));
	heard("a", "b");
	expect([missed, names.cursor?.isBehind]).toEqual([[], true]);
	atOnce(names.update(["b", "c"]));
	expect([missed, names.cursor?.isBehind]).toEqual([["a", "b"], false]);
	heard("a", "c");
	names.cursor?.read();
	expect(missed).toEqual(["a", "b", "c"]);
});
