import { beforeEach, describe, expect, it } from "vitest";
import { Cache } from "../../../src/cache/cache.js";
import { DEFAULT_LIMITS, type Limits } from "../../../src/model/limits.js";
import { type Poller, Pollers } from "../../../src/server/rest/pollers.js";
import { at, serviceState } from "../../catalog/fake-provider.js";

const GONE_AFTER = 60_000;

let limits: Limits;
let pollers: Pollers;
let cache: Cache;

beforeEach(() => {
	limits = DEFAULT_LIMITS;
	pollers = new Pollers(() => limits, GONE_AFTER);
	const services = new Map(["web", "api"].map((name) => [name, serviceState(name, { endpoints: [at(1)] })]));
	cache = new Cache({ get: (name) => services.get(name), services: () => services.values() });
});

function enter(node: string, zone: string, now: number, peer = "10.0.0.1") {
	return pollers.enter({ node, peer, locality: { region: "eu", zone } }, now);
}

/** A poll for these names. */
function poll(node: string, zone: string, names: readonly string[], now: number, peer?: string): void {
	const poller = enter(node, zone, now, peer) as Poller;
	pollers.asks(poller, setOf(poller), names, now);
}

function setOf({ place }: Poller) {
	return cache.acquire("eds", "envoy", undefined, place);
}

/** How many count in the zone for the name. */
function count(zone: string, name: string, now: number): number {
	// Nobody asks for anything in it.
	const poller = enter("looks", zone, now, "10.9.9.9") as Poller;
	return setOf(poller).asking.count(name);
}

describe("clients that poll", () => {
	it("count once in their zone for what they ask for, however often, and a name at a time", () => {
		for (let now = 0; now < 50_000; now += 5_000) {
			poll("one", "a", ["web"], now);
			poll("one", "a", ["api"], now);
			poll("two", "a", ["web"], now);
			poll("three", "b", ["web"], now);
		}
		const counts = ["web", "api"].flatMap((name) => ["a", "b"].map((zone) => count(zone, name, 50_000)));
		expect(counts).toEqual([2, 1, 1, 0]);
	});

	it("are told apart by node and address, and by the zone that they name", () => {
		poll("one", "a", ["web"], 0, "10.0.0.1");
		poll("one", "a", ["web"], 0, "10.0.0.2");
		poll("one", "b", ["web"], 0, "10.0.0.2");
		expect([count("a", "web", 0), count("b", "web", 0)]).toEqual([2, 1]);
	});

	it("count until they have not polled for a while, and a name until it was not asked for", () => {
		poll("one", "a", ["web", "api"], 0);
		poll("two", "a", ["web"], 0);
		poll("one", "a", ["web"], 40_000);
		expect([count("a", "web", 59_999), count("a", "api", 59_999)]).toEqual([2, 1]);
		expect(count("a", "web", 60_000)).toBe(1);
		poll("one", "a", ["web"], 60_000);
		expect(count("a", "api", 60_000)).toBe(0);
		pollers.dropGone(120_000);
		expect(pollers.count).toBe(0);
	});

	it("count for names that there are, and leave nothing behind of others", () => {
		poll("one", "a", ["web", "none", "other"], 0);
		expect((enter("one", "a", 0) as Poller).names.size).toBe(1);
	});

	it("of more zones, clients or names than there may be do not count", () => {
		expect(pollers.enter({ node: "one", peer: "10.0.0.1", locality: undefined }, 0)).toBeUndefined();
		limits = { ...DEFAULT_LIMITS, zones: 1, streams: 2, allNames: 1 };
		const poller = enter("one", "a", 0) as Poller;
		const asks = (names: readonly string[]) => pollers.asks(poller, setOf(poller), names, 0);
		expect([asks(["web", "api"]), poller.names.size]).toEqual([false, 0]);
		expect([asks(["web", "web"]), asks(["web"]), asks(["api"]), poller.names.size]).toEqual([true, true, false, 1]);
		expect(enter("one", "b", 0)).toBe("zones");
		expect(enter("two", "a", 0)).toMatchObject({ place: { zone: { zone: "a" } } });
		expect(enter("three", "a", 0)).toBe("streams");
		// Room is made by who has gone.
		expect(enter("three", "b", GONE_AFTER)).toMatchObject({ place: { zone: { zone: "b" } } });
	});

	it("count for nothing once they are closed", () => {
		poll("one", "a", ["web"], 0);
		const set = setOf(enter("one", "a", 0) as Poller);
		pollers.close();
		expect([set.asking.count("web"), pollers.count]).toEqual([0, 0]);
	});
});
