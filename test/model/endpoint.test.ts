import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	addressOf,
	compareEndpoints,
	type Endpoint,
	endpoint,
	readyEndpoints,
	sameEndpoint,
	sameEndpoints,
} from "../../src/model/endpoint.js";
import { diffEndpoints } from "../../src/model/endpoint-diff.js";
import { randomRuns } from "../random-runs.js";
import { anyEndpoint, distinctEndpoints, reordered } from "./arbitrary-endpoint.js";

const one = endpoint({ address: "10.0.0.1", port: 80 });

describe("endpoints", () => {
	it("have the defaults of xDS", () => {
		expect(one).toEqual({
			address: "10.0.0.1",
			port: 80,
			health: "unknown",
			weight: 100,
			priority: 0,
			locality: { region: "", zone: "", subZone: "" },
		});
	});

	it("are written with brackets around IPv6 only", () => {
		expect(addressOf(one)).toBe("10.0.0.1:80");
		expect(addressOf({ address: "2001:db8::1", port: 443 })).toBe("[2001:db8::1]:443");
		expect(addressOf({ address: "no:address", port: 443 })).toBe("no:address:443");
	});

	it.each<[keyof Endpoint, Partial<Endpoint>]>([
		["address", { address: "10.0.0.2" }],
		["port", { port: 81 }],
		["health", { health: "healthy" }],
		["weight", { weight: 99 }],
		["priority", { priority: 1 }],
		["locality", { locality: { region: "", zone: "a", subZone: "" } }],
		["hostname", { hostname: "a" }],
		["metadata", { metadata: { a: "1" } }],
	])("differ by %s", (_, part) => {
		expect(sameEndpoint(one, { ...one, ...part })).toBe(false);
		expect(sameEndpoint({ ...one, ...part }, one)).toBe(false);
	});

	it("do not differ by their origin, nor by empty metadata or the order of its keys", () => {
		expect(sameEndpoint(one, { ...one, origin: { target: "x" } })).toBe(true);
		expect(sameEndpoint(one, { ...one, metadata: {} })).toBe(true);
		const [a, b] = [
			{ a: "1", b: "2" },
			{ b: "2", a: "1" },
		].map((metadata) => ({ ...one, metadata }));
		expect(sameEndpoint(a as Endpoint, b as Endpoint)).toBe(true);
		expect(sameEndpoint({ ...one, metadata: { a: "1" } }, { ...one, metadata: { b: "1" } })).toBe(false);
	});

	it("are the same list only in the same number", () => {
		expect(sameEndpoints([one], [one])).toBe(true);
		expect(sameEndpoints([one], [one, one])).toBe(false);
		expect(sameEndpoints([], [one])).toBe(false);
	});

	it("have one order, whatever the order they came in", () => {
		const lists = distinctEndpoints().chain((list) => fc.tuple(reordered(list), reordered(list)));
		fc.assert(
			fc.property(lists, ([a, b]) => {
				expect(sameEndpoints(a.sort(compareEndpoints), b.sort(compareEndpoints))).toBe(true);
			}),
		);
	});
});

describe("ready endpoints", () => {
	it("are the healthy and unknown ones with a weight; degraded ones only while none of these is left", () => {
		fc.assert(
			fc.property(fc.array(anyEndpoint), (all) => {
				const ready = readyEndpoints(all);
				const weighted = all.filter((e) => e.weight > 0);
				const serving = weighted.filter((e) => e.health === "healthy" || e.health === "unknown");
				expect(ready).toEqual(serving.length > 0 ? serving : weighted.filter((e) => e.health === "degraded"));
			}),
		);
	});
});

describe("the difference of two lists", () => {
	it("leads from the one to the other", () => {
		fc.assert(
			fc.property(distinctEndpoints(), distinctEndpoints(), (before, after) => {
				const { added, removed, changed } = diffEndpoints(before, after);
				const byAddress = new Map(before.map((e) => [addressOf(e), e]));
				for (const e of removed) expect(byAddress.delete(addressOf(e))).toBe(true);
				for (const e of changed) {
					expect(sameEndpoint(byAddress.get(addressOf(e)) as Endpoint, e)).toBe(false);
					byAddress.set(addressOf(e), e);
				}
				for (const e of added) {
					expect(byAddress.has(addressOf(e))).toBe(false);
					byAddress.set(addressOf(e), e);
				}
				const sort = (list: Iterable<Endpoint>) => [...list].sort(compareEndpoints);
				expect(sameEndpoints(sort(byAddress.values()), sort(after))).toBe(true);
			}),
		);
	});

	it("is in the order of the lists: additions and changes of the new one, removals of the old one", () => {
		const sorted = (list: Endpoint[]) => list.toSorted(compareEndpoints);
		// Nearly the same list: some gone, some come, one in another place.
		const lists = distinctEndpoints({ maxLength: 12 }).chain((list) =>
			fc
				.tuple(fc.shuffledSubarray(list), fc.shuffledSubarray(list), anyEndpoint, fc.boolean())
				.map(([a, b, e, sort]) => {
					const moved = b.map((each, i) => (i === 0 ? { ...e, address: each.address, port: each.port } : each));
					return sort ? ([sorted(a), sorted(moved)] as const) : ([a, moved] as const);
				}),
		);
		fc.assert(
			fc.property(lists, ([before, after]) => {
				const old = new Map(before.map((e) => [addressOf(e), e]));
				const now = new Set(after.map(addressOf));
				const changed = after.filter((e) => {
					const previous = old.get(addressOf(e));
					return previous !== undefined && !sameEndpoint(previous, e);
				});
				expect(diffEndpoints(before, after)).toEqual({
					added: after.filter((e) => !old.has(addressOf(e))),
					removed: before.filter((e) => !now.has(addressOf(e))),
					changed,
					changedFrom: changed.map((e) => old.get(addressOf(e))),
				});
			}),
			randomRuns(500),
		);
	});
});
