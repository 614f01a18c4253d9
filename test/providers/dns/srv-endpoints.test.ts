import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SrvRecord } from "../../../src/providers/dns/client/look-up.js";
import { srvEndpoints } from "../../../src/providers/dns/srv-endpoints.js";

const uint16 = fc.integer({ min: 0, max: 65_535 });

const records = fc.array(
	fc.record<SrvRecord>({
		priority: fc.oneof(fc.integer({ min: 0, max: 3 }), uint16),
		weight: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10 }), uint16),
		port: fc.integer({ min: 1, max: 4 }),
		host: fc.constantFrom("a", "b", "c", "d", "none"),
	}),
	{ maxLength: 40 },
);

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
	a: ["10.0.0.1"],
	b: ["10.0.0.2", "10.0.0.3"],
	c: ["::1", "10.0.0.1"],
	d: ["10.0.0.4"],
};

const addressesOf = (host: string) => ADDRESSES[host] ?? [];

const of = (list: readonly SrvRecord[]) => srvEndpoints(list, addressesOf);

/** `address:port weight@priority` */
function texts(list: readonly SrvRecord[]): string[] {
	return of(list).map(({ address, port, weight, priority }) => `${address}:${port} ${weight}@${priority}`);
}

describe("the endpoints of SRV records", () => {
	it("have priorities without gaps and weights that give traffic, whatever the records", () => {
		fc.assert(
			fc.property(records, (list) => {
				const made = of(list);
				const levels = [...new Set(made.map(({ priority }) => priority))];
				expect(levels).toEqual(levels.map((_, i) => i));
				for (const { weight } of made) {
					expect(Number.isInteger(weight) && weight >= 1 && weight <= 65_535).toBe(true);
				}
			}),
		);
	});

	it("keep the order of priorities and, within one, of weights and their proportions", () => {
		fc.assert(
			fc.property(records, (list) => {
				const made = of(list);
				for (const [i, one] of made.entries()) {
					for (const other of made.slice(i + 1)) {
						const { priority, weight } = other.record;
						expect(Math.sign(one.priority - other.priority)).toBe(Math.sign(one.record.priority - priority));
						if (one.record.priority !== priority) continue;
						if (one.record.weight > 0 && weight > 0) expect(one.weight / other.weight).toBe(one.record.weight / weight);
						if (one.record.weight === weight) expect(one.weight).toBe(other.weight);
						if (weight === 0) expect(other.weight).toBeLessThanOrEqual(one.weight);
					}
				}
			}),
		);
	});

	it("are each address of each record's host once, in an order that does not depend on the records'", () => {
		fc.assert(
			fc.property(records, (list) => {
				const keys = of(list).map(({ address, port }) => `${address} ${port}`);
				const all = list.flatMap(({ host, port }) => addressesOf(host).map((address) => `${address} ${port}`));
				expect(new Set(keys).size).toBe(keys.length);
				expect(new Set(keys)).toEqual(new Set(all));
				expect(of([...list].reverse())).toEqual(of(list));
			}),
		);
	});

	it("have the records' weights; all 0 in a priority is equal, a 0 among others the least", () => {
		expect(
			texts([
				{ priority: 20, weight: 0, port: 1, host: "a" },
				{ priority: 20, weight: 0, port: 2, host: "a" },
				{ priority: 10, weight: 60, port: 3, host: "a" },
				{ priority: 10, weight: 0, port: 4, host: "a" },
				{ priority: 10, weight: 65_535, port: 5, host: "b" },
			]),
		).toEqual([
			"10.0.0.2:5 65535@0",
			"10.0.0.3:5 65535@0",
			"10.0.0.1:3 60@0",
			"10.0.0.1:4 1@0",
			"10.0.0.1:1 100@1",
			"10.0.0.1:2 100@1",
		]);
	});

	it("count priorities only where there are addresses, and at most to 128", () => {
		const many = Array.from({ length: 200 }, (_, i) => ({ priority: i, weight: 1, port: i + 1, host: "a" }));
		expect(of(many).at(-1)?.priority).toBe(128);
		expect(
			texts([
				{ priority: 1, weight: 1, port: 1, host: "none" },
				{ priority: 2, weight: 1, port: 1, host: "d" },
			]),
		).toEqual(["10.0.0.4:1 1@0"]);
	});
});
