import { beforeEach, describe, expect, it, vi } from "vitest";
import type { LazySubscriber } from "../../src/cache/change-feed.js";
import { ResourceSet } from "../../src/cache/resource-set.js";
import { type EncodedResource, VersionSum } from "../../src/resources/encoded-resource.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { resourceOf } from "../server/protocol/transcripts/content.js";

const CDS = resourceType("cds");
const LDS = resourceType("lds");
const [A1, A2, A3, B1] = [["a", "1"] as const, ["a", "2"] as const, ["a", "3"] as const, ["b", "1"] as const].map(
	([name, content]) => resourceOf(CDS, name, content),
) as [EncodedResource, EncodedResource, EncodedResource, EncodedResource];
const EMPTY = new VersionSum().toString();

type Told = readonly [name: string, at: number, previous: string | undefined];

let set: ResourceSet;
let told: Told[];

function subscriber(list: Told[] = told) {
	return {
		changed: (name: string, at: number, previous: EncodedResource | undefined) =>
			void list.push([name, at, previous?.version]),
	};
}

beforeEach(() => {
	set = new ResourceSet(CDS);
	told = [];
	for (const resource of [A1, A2, A3, B1]) resource.accepted = false;
});

const sumOf = (...resources: EncodedResource[]) =>
	resources.reduce((sum, each) => sum.add(each), new VersionSum()).toString();

describe("a set of resources", () => {
	it("has what was put, at a version of all together", () => {
		expect([set.size, set.version, set.get("a")]).toEqual([0, EMPTY, undefined]);
		set.put(A1, 0);
		set.put(B1, 0);
		expect([set.size, set.version, set.get("a"), [...set.listed()]]).toEqual([2, sumOf(A1, B1), A1, [A1, B1]]);
		set.put(A2, 0);
		expect([set.size, set.version, set.get("a")]).toEqual([2, sumOf(A2, B1), A2]);
		set.remove("a", 0);
		expect([set.size, set.version, set.get("a")]).toEqual([1, sumOf(B1), undefined]);
		set.remove("a", 0);
		expect(set.version).toBe(sumOf(B1));
	});

	it("makes ready what a complete set is put together from, one a step, and what is added later when it comes", () => {
		const made = () => resources.filter((_, i) => spies[i]?.mock.calls.length === 1).map(({ version }) => version);
		const resources = [A1, A2, B1];
		const spies = resources.map((each) => vi.spyOn(each, "makeSotw"));
		set.put(A1, 0);
		set.put(B1, 0);
		expect(made()).toEqual([]);
		expect([...set.prepareWhole(["a", "gone"])]).toHaveLength(2);
		expect(made()).toEqual([A1.version]);
		set.put(A2, 0);
		expect(made()).toEqual([A1.version, A2.version]);
		expect([...set.prepareWhole()]).toHaveLength(2);
		expect(spies.map(({ mock }) => mock.calls.length)).toEqual([1, 2, 1]);
		vi.restoreAllMocks();
	});

	it("keeps the resource that it has where an equal one is put", () => {
		set.put(A1, 0);
		set.put(resourceOf(CDS, "a", "1"), 1);
		expect([set.get("a") === A1, set.version]).toEqual([true, sumOf(A1)]);
	});

	it("has a version where it is the present one, and nothing is awaited", () => {
		set.put(A1, 0);
		expect([set.has("a", A1.version), set.has("a", A2.version), set.has("b", B1.version)]).toEqual([
			...[true, false, false],
		]);
		set.await("a", false, 0);
		expect(set.has("a", A1.version)).toBe(false);
	});

	it("lists nothing of a type that is asked for by name", () => {
		set.put(A1, 0);
		expect([[...set.listed()], set.listedVersion]).toEqual([[A1], sumOf(A1)]);
		const listeners = new ResourceSet(LDS);
		listeners.put(resourceOf(LDS, "a", "1"), 0);
		expect([[...listeners.listed()], listeners.listedVersion, listeners.size]).toEqual([[], EMPTY, 1]);
	});
});

describe("what a subscriber is told", () => {
	it("is every change of its names, when it was, and what there was before", () => {
		set.subscribe("a", subscriber());
		set.put(A1, 1);
		set.put(A2, 2);
		set.put(A2, 3);
		set.put(B1, 4);
		set.remove("a", 5);
		set.remove("a", 6);
		expect(told).toEqual([
			["a", 1, undefined],
			["a", 2, A1.version],
			["a", 5, A2.version],
		]);
	});

	it("is that a name is overdue, once, and that an awaited one is gone", () => {
		set.subscribe("a", subscriber());
		set.await("a", false, 1);
		expect([told, set.isAwaited("a"), set.isOverdue("a")]).toEqual([[], true, false]);
		set.await("a", true, 2);
		set.await("a", true, 3);
		expect([told, set.isAwaited("a"), set.isOverdue("a")]).toEqual([[["a", 2, undefined]], true, true]);
		set.remove("a", 4);
		expect([told.length, set.isAwaited("a"), set.isOverdue("a")]).toEqual([2, false, false]);
	});

	it("is with an overdue name what there still is", () => {
		set.put(A1, 0);
		set.subscribe("a", subscriber());
		set.await("a", true, 1);
		expect(told).toEqual([["a", 1, A1.version]]);
	});

	it("is nothing after it has unsubscribed", () => {
		const [one, other] = [subscriber(), subscriber()];
		set.subscribe("a", one);
		set.subscribeAll(other);
		expect(set.subscriptions).toBe(2);
		set.unsubscribe("a", one);
		set.unsubscribeAll(other);
		set.put(A1, 1);
		expect([told, set.subscriptions]).toEqual([[], 0]);
	});

	it("is each change once where it has a wildcard and the name", () => {
		const [both, all] = [[] as Told[], [] as Told[]];
		const subscriberOfBoth = subscriber(both);
		set.subscribeAll(subscriberOfBoth);
		set.subscribe("a", subscriberOfBoth);
		set.subscribeAll(subscriber(all));
		set.put(A1, 1);
		set.put(B1, 2);
		expect([both, all]).toEqual(
			[0, 0].map(() => [
				["a", 1, undefined],
				["b", 2, undefined],
			]),
		);
	});

	it("is nothing by a wildcard where the type lists nothing", () => {
		const listeners = new ResourceSet(LDS);
		listeners.subscribeAll(subscriber());
		listeners.put(resourceOf(LDS, "a", "1"), 1);
		expect([told, listeners.subscriptions]).toEqual([[], 1]);
	});

	it("of a Set of names comes by its feed", () => {
		const names = new Set(["a", "b"]);
		const missed: string[] = [];
		const lazy: LazySubscriber = { ...subscriber(), behind: () => {}, missed: (name) => void missed.push(name) };
		const cursor = set.follow(names, lazy);
		set.put(A1, 1);
		set.put(resourceOf(CDS, "c", "1"), 1);
		cursor.read();
		expect([missed, set.subscriptions]).toEqual([["a"], 2]);
		set.unfollow(names, cursor);
		expect(set.subscriptions).toBe(0);
	});
});

describe("a version that a client ACKs", () => {
	it("is ACKed by the first that accepts the response: the content of one is read once", () => {
		const content = { resources: [A1], removed: [], accepted: false };
		set.put(A1, 0);
		set.accept(content);
		expect([content.accepted, A1.accepted]).toEqual([true, true]);
		const other = { resources: [A2], removed: [], accepted: true };
		set.accept(other);
		expect(A2.accepted).toBe(false);
	});
});

describe("resources that are made of their name", () => {
	const NAME = "grpc/server?xds.resource.listening_address=0.0.0.0:80";
	let listeners: ResourceSet;

	beforeEach(() => {
		listeners = new ResourceSet(LDS, "grpc");
	});

	it("are forgotten with the last who subscribes to the name by itself", () => {
		const [one, other] = [subscriber(), subscriber()];
		for (const each of [one, other]) listeners.subscribe(NAME, each);
		listeners.get(NAME);
		listeners.unsubscribe(NAME, one);
		expect(listeners.generated).toBe(1);
		listeners.unsubscribe(NAME, other);
		expect(listeners.generated).toBe(0);
	});

	it("are there for each who asks, and kept while somebody subscribes", () => {
		const made = listeners.get(NAME);
		expect([made?.name, listeners.generated, listeners.get(NAME)?.version]).toEqual([NAME, 0, made?.version]);
		const one = subscriber();
		listeners.subscribe(NAME, one);
		const kept = listeners.get(NAME);
		expect([listeners.generated, listeners.get(NAME) === kept]).toEqual([1, true]);
		const names = new Set([NAME]);
		const cursor = listeners.follow(names, subscriber());
		listeners.unsubscribe(NAME, one);
		expect(listeners.generated).toBe(1);
		listeners.unfollow(names, cursor);
		expect(listeners.generated).toBe(0);
	});

	it.each([0, 1, 5])("are forgotten once nobody asks for them, among %d other names", (others) => {
		const names = new Set([NAME, ...Array.from({ length: others }, (_, i) => `web-${i}`)]);
		const cursor = listeners.follow(names, subscriber());
		listeners.get(NAME);
		listeners.subscribeMany(names, subscriber());
		listeners.unfollow(names, cursor);
		expect(listeners.generated).toBe(1);
		const other = new ResourceSet(LDS, "grpc");
		const alone = other.follow(names, subscriber());
		other.get(NAME);
		expect(other.generated).toBe(1);
		other.unfollow(names, alone);
		expect(other.generated).toBe(0);
	});

	it("are none for a client that may see nothing, and none for Envoys", () => {
		const nothing = { key: "", isEmpty: true, tells: false, allows: () => false };
		for (const set of [new ResourceSet(LDS, "grpc", nothing), new ResourceSet(LDS, "envoy")]) {
			set.subscribe(NAME, subscriber());
			expect([set.get(NAME), set.exists(NAME), set.generated]).toEqual([undefined, false, 0]);
		}
	});

	it("exist for who asks whether they do, and are not made for that", () => {
		expect([listeners.exists(NAME), listeners.exists("web"), listeners.generated]).toEqual([true, false, 0]);
		listeners.subscribe(NAME, subscriber());
		expect([listeners.exists(NAME), listeners.generated]).toEqual([true, 0]);
		expect(new ResourceSet(LDS).exists(NAME)).toBe(false);
	});

	it("are forgotten once the names that are many have them no more", () => {
		const names = new Set([NAME, "web"]);
		listeners.subscribeMany(names, subscriber());
		listeners.get(NAME);
		expect(listeners.generated).toBe(1);
		names.delete(NAME);
		listeners.droppedOfMany(NAME);
		expect(listeners.generated).toBe(0);
	});

	it("are there for gRPC clients alone, and of names that say something", () => {
		expect(new ResourceSet(LDS).get(NAME)).toBeUndefined();
		expect(new ResourceSet(CDS, "grpc").get(NAME)).toBeUndefined();
		listeners.subscribe("web", subscriber());
		expect([listeners.get("web"), listeners.generated]).toEqual([undefined, 0]);
	});
});
