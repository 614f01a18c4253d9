import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, type Endpoint, endpoint, readyEndpoints } from "../../../src/model/endpoint.js";
import { GROUPS, groupOf, subsetOf } from "../../../src/model/traffic/subset.js";
import { randomRuns } from "../../random-runs.js";
import { canonical } from "../../resources/decoded-assignment.js";
import { distinctEndpoints } from "../arbitrary-endpoint.js";

function at(n: number, zone: string): Endpoint {
	return endpoint({ address: `10.${n >> 8}.${n & 255}.1`, port: 80, locality: { region: "eu", zone, subZone: "" } });
}

function many(count: number, zones = "a"): readonly Endpoint[] {
	return canonical(Array.from({ length: count }, (_, i) => at(i, zones[i % zones.length] as string)));
}

function subsets(list: readonly Endpoint[], size: number): (readonly Endpoint[])[] {
	return Array.from({ length: GROUPS }, (_, group) => subsetOf(list, { size }, group) ?? list);
}

/** How many of all clients have each endpoint, beside the mean: the least and the most. */
function spread(list: readonly Endpoint[], size: number): readonly [number, number] {
	const counts = new Map(list.map((e) => [e, 0]));
	for (const each of subsets(list, size))
		for (const e of each) counts.set(e, (counts.get(e) as number) + 1 / each.length);
	const mean = GROUPS / list.length;
	const loads = [...counts.values()].map((count) => count / mean);
	return [Math.min(...loads), Math.max(...loads)];
}

describe("a part of the endpoints", () => {
	it("is as large as it is to be, and larger only where so many groups could not have all", () => {
		expect(subsets(many(200), 20).map(({ length }) => length)).toEqual(Array(GROUPS).fill(20));
		expect(subsets(many(3_200), 20).map(({ length }) => length)).toEqual(Array(GROUPS).fill(200));
		for (const count of [1, 20]) expect(subsetOf(many(count), { size: 20 }, 0)).toBeUndefined();
	});

	it.each([
		[100, "a"],
		[150, "abc"],
		[1_000, "abc"],
		[5_000, "ab"],
	])("loads each of %i endpoints in the zones %s within a fourth of the mean", (count, zones) => {
		const [least, most] = spread(many(count, zones), 20);
		expect(least).toBeGreaterThanOrEqual(0.75);
		expect(most).toBeLessThanOrEqual(1.25);
	});

	it("has of each zone what the zone has of all", () => {
		for (const each of subsets(many(300, "aab"), 30)) {
			const ofA = each.filter(({ locality }) => locality.zone === "a").length;
			expect([ofA, each.length]).toEqual([20, 30]);
		}
	});

	it("changes in a place or two of a zone when an endpoint comes or goes", () => {
		fc.assert(
			fc.property(fc.integer({ min: 60, max: 400 }), fc.nat(), fc.constantFrom(10, 20, 50), (count, which, size) => {
				const list = many(count, "ab");
				const gone = list[which % count] as Endpoint;
				const fewer = list.filter((e) => e !== gone);
				const [before, after] = [subsets(list, size), subsets(fewer, size)];
				for (const [group, set] of before.entries()) {
					const now = new Set(after[group]);
					const lost = set.filter((e) => !now.has(e));
					const inZones = Map.groupBy(
						lost.filter((e) => e !== gone),
						({ locality }) => locality.zone,
					);
					// Of its own zone the next one takes its place; of another the part may be one larger or smaller.
					for (const [zone, { length }] of inZones)
						expect(length).toBeLessThanOrEqual(zone === gone.locality.zone ? 2 : 1);
				}
			}),
			randomRuns(400),
		);
	});

	it("is the same on every replica, of ready endpoints, in canonical order, at least so many, whatever there is", () => {
		const groups = fc.nat(GROUPS - 1);
		fc.assert(
			fc.property(distinctEndpoints({ maxLength: 54 }), fc.integer({ min: 2, max: 20 }), groups, (all, size, group) => {
				const list = canonical(all);
				const part = subsetOf(list, { size }, group);
				expect(subsetOf(canonical(all.toReversed()), { size }, group)).toEqual(part);
				if (!part) return;
				const ready = readyEndpoints(list);
				for (const e of part) expect(ready).toContain(e);
				expect(canonical(part).map(addressOf)).toEqual(part.map(addressOf));
				for (const [priority, members] of Map.groupBy(ready, (e) => e.priority)) {
					const chosen = part.filter((e) => e.priority === priority).length;
					expect(chosen).toBeGreaterThanOrEqual(Math.min(size, members.length));
				}
			}),
			randomRuns(4_000),
		);
	});
});

it("clients are in groups of about the same size", () => {
	const counts = Array(GROUPS).fill(0) as number[];
	for (let i = 0; i < GROUPS * 400; i++) {
		const group = groupOf(`node-${i}`);
		counts[group] = (counts[group] as number) + 1;
	}
	for (const count of counts) expect(Math.abs(count / 400 - 1)).toBeLessThan(0.25);
});
