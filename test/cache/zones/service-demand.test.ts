import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ServiceDemand } from "../../../src/cache/zones/service-demand.js";
import type { ZoneDemand } from "../../../src/model/zones/zone-balance.js";
import { randomRuns } from "../../random-runs.js";

function counts(zones: Record<string, number>): ZoneDemand[] {
	return Object.entries(zones).map(([zone, clients]) => ({ region: "eu", zone, clients }));
}

function counted(demand: ServiceDemand): Record<string, number> {
	return Object.fromEntries([...demand.counted()].map(({ zone, clients }) => [zone, clients]));
}

/** Observes it once a second. @returns how often something else counted. */
function observe(demand: ServiceDemand, from: number, seconds: number, zones: Record<string, number>): number {
	let changes = 0;
	for (let s = 0; s < seconds; s++) if (demand.observe(counts(zones), (from + s) * 1_000)) changes++;
	return changes;
}

describe("the demand of a service", () => {
	it("counts once no more clients come", () => {
		const demand = new ServiceDemand();
		expect(demand.observe(counts({ a: 1 }), 0)).toBe(false);
		expect(demand.observe(counts({ a: 2 }), 1_000)).toBe(false);
		expect(demand.observe(counts({ a: 2 }), 2_000)).toBe(false);
		expect([demand.isEmpty, demand.isPending]).toEqual([true, true]);
		expect(demand.observe(counts({ a: 2 }), 3_000)).toBe(true);
		expect([demand.isEmpty, demand.isPending]).toEqual([false, false]);
		expect(counted(demand)).toEqual({ a: 2 });
	});

	it("counts after ten seconds though more are coming", () => {
		const demand = new ServiceDemand();
		let at = 0;
		while (!demand.observe(counts({ a: 1 + at }), at * 1_000)) at++;
		expect(at).toBe(10);
	});

	it("counts at the very millisecond at which its time has come, and not before", () => {
		const first = (demand: ServiceDemand, zones: Record<string, number>, ...times: readonly number[]) =>
			times.find((now) => demand.observe(counts(zones), now));
		const demand = new ServiceDemand();
		expect(first(demand, { a: 100 }, 0, 1_999, 2_000)).toBe(2_000);
		expect(first(demand, { a: 50 }, 10_000, 39_999, 40_000)).toBe(40_000);
		expect(first(demand, { a: 51 }, 50_000, 349_999, 350_000)).toBe(350_000);
		for (let i = 0; i < 9; i++) expect(demand.observe(counts({ a: 60 + i }), 400_000 + i * 1_000)).toBe(false);
		expect(first(demand, { a: 70 }, 409_999, 410_000)).toBe(410_000);
	});

	it("is the same while clients restart", () => {
		const demand = new ServiceDemand();
		observe(demand, 0, 5, { a: 100, b: 100 });
		expect(observe(demand, 5, 25, { a: 20, b: 100 })).toBe(0);
		expect(observe(demand, 30, 60, { a: 104, b: 96 })).toBe(0);
		expect(counted(demand)).toEqual({ a: 100, b: 100 });
	});

	it("takes a small change over that has stayed for five minutes", () => {
		const demand = new ServiceDemand();
		observe(demand, 0, 5, { a: 100, b: 100 });
		expect(observe(demand, 5, 300, { a: 104, b: 96 })).toBe(0);
		expect(demand.isPending).toBe(true);
		expect(observe(demand, 305, 1, { a: 104, b: 96 })).toBe(1);
		expect([demand.isPending, counted(demand)]).toEqual([false, { a: 104, b: 96 }]);
	});

	it("does not rise by clients of whom nobody can tell, and does not fall while they may be there", () => {
		const demand = new ServiceDemand();
		const seen = (clients: number, most: number) => [{ region: "eu", zone: "a", clients, most }];
		const pass = (from: number, seconds: number, clients: number, most: number) => {
			let changes = 0;
			for (let s = from; s < from + seconds; s++) if (demand.observe(seen(clients, most), s * 1_000)) changes++;
			return changes;
		};
		pass(0, 5, 10, 10);
		// Half of them are at a replica that does not answer; then they are here.
		expect(pass(5, 60, 5, 10)).toBe(0);
		expect(pass(65, 30, 10, 15)).toBe(0);
		expect(pass(95, 400, 5, 5)).toBe(1);
		expect(counted(demand)).toEqual({ a: 5 });
		// More come, and it is by those alone that it rises; fewer stay, and those that may be there are left.
		expect([pass(495, 5, 20, 30), counted(demand)]).toEqual([1, { a: 20 }]);
		expect([pass(500, 40, 3, 8), counted(demand)]).toEqual([1, { a: 8 }]);
	});

	it("waits for nothing where all that is new is clients of whom nobody can tell", () => {
		const demand = new ServiceDemand();
		const perhaps = { region: "eu", zone: "b", clients: 0, most: 5 };
		demand.observe(counts({ a: 2 }), 0);
		for (const [now, changes] of [
			[1_000, false],
			[2_000, true],
		] as const)
			expect(demand.observe([...counts({ a: 2 }), perhaps], now)).toBe(changes);
	});

	it("counts nothing where nobody knows, but for as long as it was kept", () => {
		const demand = ServiceDemand.kept(counts({ a: 5 }), 60_000);
		expect([demand.isEmpty, demand.isPending, demand.observe(undefined, 59_000)]).toEqual([false, true, false]);
		expect(counted(demand)).toEqual({ a: 5 });
		expect(demand.observe(undefined, 60_000)).toBe(true);
		expect([demand.isEmpty, demand.isPending, demand.observe(undefined, 61_000)]).toEqual([true, false, false]);
	});

	it("begins with what it was before, until clients had time to come back", () => {
		const demand = ServiceDemand.kept(counts({ a: 40, b: 20 }), 60_000);
		expect(observe(demand, 0, 60, {})).toBe(0);
		expect(counted(demand)).toEqual({ a: 40, b: 20 });
		expect(observe(demand, 60, 20, { a: 40 })).toBe(0);
		expect(observe(demand, 80, 20, { a: 40 })).toBe(1);
		expect(counted(demand)).toEqual({ a: 40 });
	});

	it("is the same wherever the same was seen for five minutes and a half, whatever was before", () => {
		const zones = fc.record({ a: fc.nat(5_000), b: fc.nat(300), c: fc.nat(30) });
		const history = fc.array(fc.tuple(zones, fc.integer({ min: 1, max: 40 })), { maxLength: 6 });
		fc.assert(
			fc.property(history, history, zones, (one, other, last) => {
				const [a, b] = [one, other].map((steps) => {
					const demand = new ServiceDemand();
					let now = 0;
					for (const [seen, seconds] of [...steps, [last, 335] as const]) {
						observe(demand, now, seconds, seen);
						now += seconds;
					}
					return demand;
				}) as [ServiceDemand, ServiceDemand];
				expect(counted(a)).toEqual(counted(b));
				expect([a.isPending, b.isPending]).toEqual([false, false]);
			}),
			randomRuns(500),
		);
	});

	it("falls after half a minute, once", () => {
		const demand = new ServiceDemand();
		observe(demand, 0, 5, { a: 100, b: 100 });
		expect(observe(demand, 5, 60, { a: 50, b: 100 })).toBe(1);
		expect(counted(demand)).toEqual({ a: 50, b: 100 });
		expect(observe(demand, 65, 60, { a: 50 })).toBe(1);
		expect(counted(demand)).toEqual({ a: 50 });
		expect(observe(demand, 125, 60, {})).toBe(1);
		expect([demand.isEmpty, demand.isPending]).toEqual([true, false]);
	});

	it("counts what rises or falls by more than a tenth, and no less", () => {
		for (const [seen, after] of [
			[11, 10],
			[12, 12],
			[9, 10],
			[8, 8],
		] as const) {
			const demand = new ServiceDemand();
			observe(demand, 0, 5, { a: 10 });
			observe(demand, 5, 60, { a: seen });
			// A small change counts once it has stood for minutes.
			expect([seen, counted(demand).a, demand.isPending]).toEqual([seen, after, seen !== after]);
		}
	});

	it("falls exactly half a minute after there were fewer, from the beginning where there were enough in between", () => {
		const demand = new ServiceDemand();
		observe(demand, 0, 5, { a: 100 });
		expect(observe(demand, 5, 30, { a: 50 })).toBe(0);
		expect(demand.isPending).toBe(true);
		expect(demand.observe(counts({ a: 50 }), 35_000)).toBe(true);
		expect([counted(demand).a, demand.isPending]).toEqual([50, false]);
		expect(observe(demand, 36, 29, { a: 20 })).toBe(0);
		expect(observe(demand, 65, 1, { a: 50 })).toBe(0);
		expect(demand.isPending).toBe(false);
		expect(observe(demand, 66, 30, { a: 20 })).toBe(0);
		expect(observe(demand, 96, 1, { a: 20 })).toBe(1);
	});

	it("does not fall with a rise elsewhere", () => {
		const demand = new ServiceDemand();
		observe(demand, 0, 5, { a: 100, b: 100 });
		expect(observe(demand, 5, 10, { a: 50, b: 200 })).toBe(1);
		expect(counted(demand)).toEqual({ a: 100, b: 200 });
	});

	it("lets no zone vanish beside a crowd", () => {
		const demand = new ServiceDemand();
		observe(demand, 0, 5, { a: 16_000, b: 3 });
		expect(counted(demand)).toEqual({ a: 16_000, b: 1_000 });
	});

	it("is what there is within a tenth, half a minute after the last change, whatever was before", () => {
		const history = fc.array(
			fc.record({ a: fc.nat(300), b: fc.nat(300), c: fc.nat(300), seconds: fc.integer({ min: 1, max: 40 }) }),
			{ minLength: 1, maxLength: 8 },
		);
		fc.assert(
			fc.property(history, (steps) => {
				const demand = new ServiceDemand();
				let now = 0;
				for (const { seconds, ...zones } of steps) {
					observe(demand, now, seconds, zones);
					now += seconds;
				}
				const { seconds: _, ...last } = steps.at(-1) as (typeof steps)[number];
				observe(demand, now, 45, last);
				const held = counted(demand);
				for (const [zone, clients] of Object.entries(last)) {
					const most = Math.max(...Object.values(last)) * 1.12;
					if (clients === 0) expect(held[zone]).toBeUndefined();
					else expect(held[zone]).toBeGreaterThanOrEqual((clients / 1.1) * 0.99 - 1e-9);
					if (clients > 0) expect(held[zone]).toBeLessThanOrEqual(Math.max(clients / 0.9, most / 16) * 1.01 + 1e-9);
				}
			}),
			randomRuns(2_000),
		);
	});
});
