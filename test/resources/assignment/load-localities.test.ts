import { describe, expect, it } from "vitest";
import { type Endpoint, endpoint } from "../../../src/model/endpoint.js";
import { zoneKey } from "../../../src/model/zones/zone.js";
import type { ZonePlan } from "../../../src/model/zones/zone-plan.js";
import { encodeServiceAssignment } from "../../../src/resources/assignment/service-assignment.js";
import { type DecodedLocality, decodeMessage } from "../decode.js";
import { canonical, weightOf } from "../decoded-assignment.js";

/** In two racks. */
function zone(name: string, count: number, parts: Partial<Endpoint> = {}): Endpoint[] {
	return Array.from({ length: count }, (_, i) => {
		const locality = { region: "eu", zone: name, subZone: `r${i % 2}` };
		return endpoint({ address: `10.${name.charCodeAt(0)}.0.${i}`, port: 80, locality, ...parts });
	});
}

function plan(shares: Readonly<Record<string, number>>, own = "a"): ZonePlan {
	const byZone = Object.entries(shares).map(([name, share]) => [zoneKey({ region: "eu", zone: name }), share] as const);
	return { key: JSON.stringify(shares), zone: { region: "eu", zone: own }, shares: new Map([[0, new Map(byZone)]]) };
}

function encoded(list: readonly Endpoint[], of?: ZonePlan, known?: Parameters<typeof encodeServiceAssignment>[3]) {
	const policies = { loadBalancing: { policy: "client_side_weighted_round_robin" } } as const;
	return encodeServiceAssignment("envoy", "web", list, known, of, policies);
}

function sent(...what: Parameters<typeof encoded>) {
	const { endpoints } = decodeMessage("envoy.config.endpoint.v3.ClusterLoadAssignment", encoded(...what));
	return (endpoints as DecodedLocality[]).map((each) => ({
		where: [each.locality?.region, each.locality?.zone, each.locality?.sub_zone].filter(Boolean).join("/"),
		priority: each.priority ?? 0,
		count: each.lb_endpoints.length,
		weight: weightOf(each),
	}));
}

describe("the localities for Envoys that go by load", () => {
	const list = canonical([...zone("a", 4), ...zone("b", 6), ...zone("c", 2, { priority: 1 })]);

	it("are one of a priority, so that the load decides among all of it", () => {
		expect(sent(list)).toMatchObject([
			{ where: "eu", priority: 0, count: 10 },
			{ where: "eu/c", priority: 1, count: 2 },
		]);
	});

	it("are one of a zone, with its share, where the clients of a zone are split", () => {
		const [a, b, c] = sent(list, plan({ a: 0.8, b: 0.2 }));
		expect([a, b, c]).toMatchObject([
			{ where: "eu/a", priority: 0, count: 4 },
			{ where: "eu/b", priority: 0, count: 6 },
			{ where: "eu/c", priority: 1, count: 2 },
		]);
		expect((a?.weight ?? 0) / ((a?.weight ?? 0) + (b?.weight ?? 0))).toBeCloseTo(0.8, 6);
	});

	it("are its zone alone first where that bears all, and the others after it", () => {
		expect(sent(list, plan({ a: 1 })).map(({ where, priority }) => `${priority} ${where}`)).toEqual([
			"0 eu/a",
			"1 eu/b",
			"2 eu/c",
		]);
	});

	it("are encoded from what was encoded before as without it, with a plan and without one", () => {
		const before = canonical([...zone("a", 200), ...zone("b", 300)]);
		const after = [...before.slice(0, 100), ...before.slice(101)];
		const known = { value: encoded(before), endpoints: before };
		for (const of of [undefined, plan({ a: 0.8, b: 0.2 }), plan({ b: 1 }, "b")]) {
			expect(encoded(after, of, known)).toEqual(encoded([...after], of));
		}
	});
});
