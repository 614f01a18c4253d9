import { beforeEach, describe, expect, it } from "vitest";
import { Cache } from "../../src/cache/cache.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { type Place, placeIn } from "../../src/model/zones/place.js";
import { atOnce } from "../../src/util/steps.js";
import { at, serviceState } from "../catalog/fake-provider.js";

/** How often all services were gone through, to fill a set. */
let fills: number;
let cache: Cache;

beforeEach(() => {
	fills = 0;
	const services = new Map<string, ServiceState>([["a", serviceState("a", { endpoints: [at(1)] })]]);
	cache = new Cache({
		get: (name) => services.get(name),
		services: () => {
			fills++;
			return services.values();
		},
	});
});

const zone = (name: string): Place => placeIn({ region: "eu", zone: name });

/** A client that comes and goes. @returns the sets that were filled for it. */
function visit(place?: Place): number {
	const before = fills;
	cache.acquire("eds", "envoy", undefined, place);
	cache.release("eds", "envoy", undefined, place);
	return fills - before;
}

function looks(from: number, until: number): void {
	for (let now = from; now <= until; now += 1_000) atOnce(cache.followDemand(now));
}

describe("sets without users", () => {
	it("are so many at most without a change, the newest ones", () => {
		for (let i = 0; i < 50; i++) visit(zone(`z${i}`));
		expect(cache.count("eds")).toBe(1);
		let kept = 0;
		for (let i = 49; i >= 0 && visit(zone(`z${i}`)) === 0; i--) kept++;
		expect(kept).toBe(16);
		// That of no place is used by the others.
		expect(visit()).toBe(0);
	});

	it("go after some seconds without a change, but for one of a type and view", () => {
		for (const name of ["a", "b", "c"]) visit(zone(name));
		looks(100_000, 109_000);
		atOnce(cache.followDemand(109_999));
		expect(["a", "b", "c"].map((name) => visit(zone(name)))).toEqual([0, 0, 0]);
		looks(110_000, 120_000);
		expect(["c", "b", "a"].map((name) => visit(zone(name)))).toEqual([0, 1, 1]);
	});

	it("stay while a client has returned in time", () => {
		for (const name of ["a", "b"]) visit(zone(name));
		looks(0, 9_000);
		cache.acquire("eds", "envoy", undefined, zone("a"));
		looks(10_000, 60_000);
		expect(visit(zone("a"))).toBe(0);
	});

	it("are not looked at while nobody has come or gone", () => {
		const set = cache.acquire("eds", "envoy", undefined, zone("a"));
		set.subscribe("a", { changed: () => {} });
		const before = fills;
		looks(0, 0);
		expect(fills).toBe(before + 1);
		looks(1_000, 60_000);
		expect(fills).toBe(before + 1);
		set.subscribe("b", { changed: () => {} });
		looks(61_000, 61_000);
		expect(fills).toBe(before + 2);
	});

	it("are of no view in use", () => {
		visit();
		expect([cache.count("eds"), [...cache.viewsInUse()]]).toEqual([1, []]);
		cache.acquire("eds", "grpc");
		expect([...cache.viewsInUse()]).toEqual(["grpc"]);
	});

	it("leave nothing behind where only they used what they were made of", () => {
		visit(zone("a"));
		cache.update(["a"], 0);
		expect([cache.count("eds"), cache.viewsInUse().size]).toEqual([0, 0]);
	});
});
