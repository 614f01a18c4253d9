import { beforeEach, describe, expect, it } from "vitest";
import { Cache } from "../../src/cache/cache.js";
import type { Draft } from "../../src/cache/memo/draft.js";
import { ResourceSet } from "../../src/cache/resource-set.js";
import { RESOURCE_TYPES, resourceType } from "../../src/resources/resource-types.js";
import { resourceOf } from "../server/protocol/transcripts/content.js";

const CDS = resourceType("cds");
const FEED = {};

let set: ResourceSet;
let told: string[];

beforeEach(() => {
	set = new ResourceSet(CDS);
	told = [];
	set.put(resourceOf(CDS, "there", "1"), 0);
	const changed = (name: string, at: number) => void told.push(`${name} at ${at}`);
	for (const name of ["there", "gone"]) set.subscribe(name, { changed });
	set.subscribeAll({ changed: () => {}, settled: (at) => void told.push(`settled at ${at}`) });
});

const seen = (name: string) => [set.isAwaited(name), set.isOverdue(name)];

/** Whether what streams share is forgotten by this. */
function forgets(change: () => void): boolean {
	set.memos.changes.delta.set(FEED, 0, { resources: [] } as unknown as Draft);
	change();
	return set.memos.changes.delta.get(FEED, 0) === undefined;
}

describe("while there may be names that nobody knows of", () => {
	it("what is not there is awaited, and what is there is not", () => {
		expect([set.openness, seen("gone"), seen("there")]).toEqual(["closed", [false, false], [false, false]]);
		set.setOpenness("open", 1);
		expect([set.openness, seen("gone"), seen("there"), told]).toEqual(["open", [true, false], [false, false], []]);
	});

	it("those who wait for what is not there are told once it is overdue, and once all is known", () => {
		set.setOpenness("open", 1);
		set.setOpenness("overdue", 2);
		expect([seen("gone"), seen("there")]).toEqual([
			[true, true],
			[false, false],
		]);
		expect(told.splice(0)).toEqual(["gone at 2", "settled at 2"]);
		set.setOpenness("overdue", 3);
		expect(told).toEqual([]);
		set.setOpenness("closed", 4);
		expect([seen("gone"), told]).toEqual([
			[false, false],
			["gone at 4", "settled at 4"],
		]);
	});

	it("a name that is awaited by itself stays so, and is overdue as it says", () => {
		set.await("gone", false, 1);
		set.setOpenness("overdue", 2);
		expect(seen("gone")).toEqual([true, false]);
		set.setOpenness("closed", 3);
		expect(seen("gone")).toEqual([true, false]);
	});

	it("subscribers that nothing settles for are no matter", () => {
		set.subscribeAll({ changed: () => {} });
		set.setOpenness("overdue", 2);
		expect(told).toHaveLength(2);
	});

	it("what is made of its name is there, where it is kept", () => {
		const name = "grpc/server?xds.resource.listening_address=0.0.0.0:80";
		const listeners = new ResourceSet(resourceType("lds"), "grpc");
		listeners.setOpenness("open", 0);
		expect([listeners.isAwaited(name), listeners.known(name)]).toEqual([true, undefined]);
		listeners.subscribe(name, { changed: () => {} });
		const made = listeners.get(name);
		expect([listeners.isAwaited(name), listeners.known(name) === made, listeners.holds(name)]).toEqual([
			...[false, true, false],
		]);
		expect([set.holds("there"), set.holds("gone"), set.known("there")?.name]).toEqual([true, false, "there"]);
	});
});

describe("what streams share", () => {
	it("is forgotten with every change, and with no other call", () => {
		const two = resourceOf(CDS, "there", "2");
		expect(forgets(() => set.put(resourceOf(CDS, "there", "1"), 1))).toBe(false);
		expect(forgets(() => set.put(two, 1))).toBe(true);
		expect(forgets(() => set.await("there", false, 2))).toBe(true);
		expect(forgets(() => set.await("there", false, 2))).toBe(false);
		expect(forgets(() => set.put(two, 3))).toBe(true);
		expect(forgets(() => set.setOpenness("open", 4))).toBe(true);
		expect(forgets(() => set.setOpenness("open", 4))).toBe(false);
		expect(forgets(() => set.remove("there", 5))).toBe(true);
		expect(forgets(() => set.remove("there", 6))).toBe(false);
	});
});

describe("the last version that clients have ACKed", () => {
	it("is kept while the newest has not been ACKed, and forgotten with the name", () => {
		const [one, two] = [resourceOf(CDS, "a", "1"), resourceOf(CDS, "a", "2")];
		const accept = (resource: typeof one) => set.accept({ resources: [resource], removed: [], accepted: false });
		set.put(one, 1);
		accept(one);
		expect(set.lastAcked("a")).toBeUndefined();
		set.put(two, 2);
		expect(set.lastAcked("a")).toBe(one);
		accept(two);
		expect(set.lastAcked("a")).toBeUndefined();
		set.put(resourceOf(CDS, "a", "3"), 3);
		expect(set.lastAcked("a")).toBe(two);
		set.remove("a", 4);
		expect(set.lastAcked("a")).toBeUndefined();
	});
});

it("the names that are subscribed to are told, each once", () => {
	set.follow(new Set(["there", "more"]), { changed: () => {} });
	expect([...set.subscribedNames()].toSorted()).toEqual(["gone", "more", "there"]);
});

it("a cache tells its sets, those of later too, of the types that services have", () => {
	const cache = new Cache({ get: () => undefined, services: () => [] });
	const before = cache.acquire("eds", "envoy");
	cache.setOpenness("open", 0);
	expect(before.openness).toBe("open");
	expect(RESOURCE_TYPES.map(({ id }) => cache.acquire(id, "grpc").openness)).toEqual(RESOURCE_TYPES.map(() => "open"));
	cache.setOpenness("closed", 1);
	expect([before.openness, cache.acquire("rds", "envoy").openness]).toEqual(["closed", "closed"]);
});
