import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameZoneAmong, zoneKey } from "../../../src/model/zones/zone.js";
import { TOLERANCE, ZoneBalance, type ZoneCapacity, type ZoneDemand } from "../../../src/model/zones/zone-balance.js";
import { demandAmong } from "../../../src/model/zones/zone-plan.js";
import { randomRuns } from "../../random-runs.js";

const REGIONS = ["", "eu", "us"];
const place = fc.record({ region: fc.constantFrom(...REGIONS), zone: fc.constantFrom("a", "b", "c", "d") });
const capacity = fc
	.record({ place, endpoints: fc.integer({ min: 1, max: 40 }), weight: fc.integer({ min: 1, max: 65_535 }) })
	.map(({ place: at, endpoints, weight }): ZoneCapacity => ({ ...at, endpoints, capacity: endpoints * weight }));
const demand = fc
	.record({ place, clients: fc.integer({ min: 0, max: 5_000 }) })
	.map(({ place: at, clients }): ZoneDemand => ({ ...at, clients }));
const capacities = fc.uniqueArray(capacity, { selector: zoneKey, minLength: 1, maxLength: 10 });
const demands = fc.uniqueArray(demand, { selector: zoneKey, maxLength: 10 });
const floor = fc.integer({ min: 1, max: 4 });

const ROUNDING = 1e-9;

function zone(name: string, endpoints: number, region = "eu"): ZoneCapacity {
	return { region, zone: name, endpoints, capacity: endpoints * 100 };
}

function clients(name: string, count: number, region = "eu"): ZoneDemand {
	return { region, zone: name, clients: count };
}

function sharesOf(balance: ZoneBalance, name: string, region = "eu"): Record<string, number> {
	const shares = balance.sharesOf({ region, zone: name });
	return Object.fromEntries(shares.map(({ zone: to, share }) => [to.zone, Number(share.toFixed(4))]));
}

describe("the balance of zones", () => {
	it("keeps traffic in zones that bear it", () => {
		const even = new ZoneBalance(
			["a", "b", "c"].map((z) => zone(z, 10)),
			["a", "b", "c"].map((z) => clients(z, 7)),
			2,
		);
		expect(sharesOf(even, "a")).toEqual({ a: 1 });
		expect(sharesOf(even, "c")).toEqual({ c: 1 });
	});

	it("spills what a zone cannot bear to those that can, in proportion", () => {
		const balance = new ZoneBalance(
			[zone("a", 30), zone("b", 3), zone("c", 3)],
			["a", "b", "c"].map((z) => clients(z, 5)),
			2,
		);
		expect(sharesOf(balance, "a")).toEqual({ a: 1 });
		expect(sharesOf(balance, "b")).toEqual({ a: 0.75, b: 0.25 });
	});

	it("spills all by capacity where all clients are in one zone", () => {
		const balance = new ZoneBalance([zone("a", 10), zone("b", 10), zone("c", 20)], [clients("a", 9)], 2);
		expect(sharesOf(balance, "a")).toEqual({ a: 0.25, b: 0.25, c: 0.5 });
	});

	it("spills within the region first", () => {
		const zones = [zone("a", 2), zone("b", 6), zone("c", 8, "us")];
		const balance = new ZoneBalance(zones, [clients("a", 4), clients("b", 4), clients("c", 8, "us")], 2);
		expect(sharesOf(balance, "a")).toEqual({ a: 0.5, b: 0.5 });
		expect(sharesOf(balance, "c", "us")).toEqual({ c: 1 });
		// What the region cannot bear leaves it.
		const more = new ZoneBalance(zones, [clients("a", 8), clients("b", 4), clients("c", 4, "us")], 2);
		expect(sharesOf(more, "a")).toEqual({ a: 0.25, b: 0.25, c: 0.5 });
	});

	it("keeps two thirds of zones with one endpoint each, unless one is enough", () => {
		const one = ["a", "b", "c"].map((z) => zone(z, 1));
		const evenly = ["a", "b", "c"].map((z) => clients(z, 1));
		expect(sharesOf(new ZoneBalance(one, evenly, 2), "a")).toEqual({ a: 0.6667, b: 0.1667, c: 0.1667 });
		expect(sharesOf(new ZoneBalance(one, evenly, 1), "a")).toEqual({ a: 1 });
	});

	it("sends the clients of a region where those of its zones go, by capacity", () => {
		const zones = [zone("a", 10), zone("b", 10), zone("c", 20, "us")];
		const region = (demands: ZoneDemand[]) =>
			sharesOf(new ZoneBalance(zones, demandAmong(zones, demands), 2), "", "eu");
		// The region bears its part of the demand.
		expect(region([clients("", 4), clients("c", 4, "us")])).toEqual({ a: 0.5, b: 0.5 });
		// Of a third in its zones, a bears a fourth, and b has room.
		expect(region([clients("", 4), clients("a", 2), clients("c", 6, "us")])).toEqual({ a: 0.375, b: 0.625 });
		// It bears half of all, and two thirds are asked for there: a fourth leaves it.
		expect(region([clients("", 8), clients("c", 4, "us")])).toEqual({ a: 0.375, b: 0.375, c: 0.25 });
		// None of them counts yet.
		expect(region([clients("c", 4, "us")])).toEqual({ a: 0.5, b: 0.5 });
		// There is nothing in the region, and what b has left is taken by a.
		const far = new ZoneBalance(zones, demandAmong(zones, [clients("", 4, "ap"), clients("a", 4)]), 2);
		expect(sharesOf(far, "", "ap")).toEqual({ c: 1 });
	});

	it("sends the clients of a zone without endpoints to those of their region", () => {
		const balance = new ZoneBalance([zone("b", 5), zone("c", 5, "us")], [clients("a", 1), clients("c", 1, "us")], 2);
		expect(sharesOf(balance, "a")).toEqual({ b: 1 });
		// Of a zone that nobody counted, too.
		expect(sharesOf(balance, "d")).toEqual({ b: 1 });
		expect(sharesOf(balance, "b")).toEqual({ b: 1 });
		expect(sharesOf(balance, "d", "asia")).toEqual({ b: 0.5, c: 0.5 });
	});

	it("lets a zone with few endpoints keep a part only", () => {
		const zones = ["a", "b"].map((z) => zone(z, 1));
		const both = ["a", "b"].map((z) => clients(z, 1));
		expect(sharesOf(new ZoneBalance(zones, both, 1), "a")).toEqual({ a: 1 });
		expect(sharesOf(new ZoneBalance(zones, both, 2), "a")).toEqual({ a: 0.75, b: 0.25 });
	});

	it("is local without any client", () => {
		const balance = new ZoneBalance([zone("a", 3), zone("b", 1)], [], 1);
		expect([sharesOf(balance, "a"), sharesOf(balance, "b")]).toEqual([{ a: 1 }, { b: 1 }]);
	});

	it("asks no zone for more than it bears, and refuses none what it can, whatever there is", () => {
		fc.assert(
			fc.property(capacities, demands, floor, fc.gen(), (all, asked, minEndpoints, gen) => {
				const balance = new ZoneBalance(all, asked, minEndpoints);
				const load = new Map(balance.rows.map((row) => [zoneKey(row), 0]));
				for (const row of balance.rows) {
					if (row.demand === 0) continue;
					const shares = balance.sharesOf(row);
					const sum = shares.reduce((total, { share }) => total + share, 0);
					expect(sum, "the shares of a zone").toBeCloseTo(1, 9);
					for (const { zone: to, share } of shares) {
						const key = zoneKey(to);
						load.set(key, (load.get(key) as number) + share * row.demand);
					}
					const local = shares.find(({ zone: to }) => zoneKey(to) === zoneKey(row))?.share ?? 0;
					const { endpoints = 0 } = all.find((each) => zoneKey(each) === zoneKey(row)) ?? {};
					const bears = row.capacity * Math.min(1, endpoints / minEndpoints);
					expect(local * row.demand, "what stays").toBeGreaterThanOrEqual(Math.min(row.demand, bears) - ROUNDING);
				}
				for (const row of balance.rows)
					expect(load.get(zoneKey(row))).toBeLessThanOrEqual(row.capacity * (1 + TOLERANCE) + ROUNDING);
				// The order of neither list counts, to the last bit.
				const shuffled = <T>(list: readonly T[]) =>
					list
						.map((each) => ({ each, at: gen(fc.double, { noNaN: true }) }))
						.sort((a, b) => a.at - b.at)
						.map(({ each }) => each);
				const other = new ZoneBalance(shuffled(all), shuffled(asked), minEndpoints);
				expect(other.rows).toEqual(balance.rows);
				for (const row of balance.rows) expect(other.sharesOf(row)).toEqual(balance.sharesOf(row));
			}),
			randomRuns(10_000),
		);
	});

	it("asks no zone for more than it bears where clients name their region alone, too", () => {
		const who = fc.oneof(place, fc.record({ region: fc.constantFrom(...REGIONS.slice(1)), zone: fc.constant("") }));
		const asked = fc.uniqueArray(
			fc
				.record({ at: who, clients: fc.integer({ min: 1, max: 5_000 }) })
				.map((each) => ({ ...each.at, clients: each.clients })),
			{ selector: zoneKey, minLength: 1, maxLength: 10 },
		);
		fc.assert(
			fc.property(capacities, asked, floor, (all, list, minEndpoints) => {
				const balance = new ZoneBalance(all, demandAmong(all, list), minEndpoints);
				const total = list.reduce((sum, each) => sum + each.clients, 0);
				const load = new Map<string, number>();
				for (const each of list) {
					const shares = balance.sharesOf(sameZoneAmong(each, all));
					expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
					for (const { zone: to, share } of shares)
						load.set(zoneKey(to), (load.get(zoneKey(to)) ?? 0) + (share * each.clients) / total);
				}
				for (const row of balance.rows)
					expect(load.get(zoneKey(row)) ?? 0).toBeLessThanOrEqual(row.capacity * (1 + TOLERANCE) + ROUNDING);
				expect(demandAmong(all, list.toReversed())).toEqual(demandAmong(all, list));
			}),
			randomRuns(5_000),
		);
	});
});
