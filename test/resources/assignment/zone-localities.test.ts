import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Endpoint, endpoint, isReady } from "../../../src/model/endpoint.js";
import type { ServiceDefinition } from "../../../src/model/service.js";
import { zoneKey } from "../../../src/model/zones/zone.js";
import { planFor, serviceZones, type ZonePlan } from "../../../src/model/zones/zone-plan.js";
import { encodeServiceAssignment } from "../../../src/resources/assignment/service-assignment.js";
import { encodeService } from "../../../src/resources/encode-service.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import type { Family } from "../../../src/resources/view.js";
import { distinctEndpoints } from "../../model/arbitrary-endpoint.js";
import { randomRuns } from "../../random-runs.js";
import { type DecodedLocality, decodeMessage } from "../decode.js";
import { addressesOf, canonical, checkAcceptable, localities, weightOf } from "../decoded-assignment.js";

const FAMILIES: readonly Family[] = ["envoy", "grpc"];
const web: ServiceDefinition = { name: "web", protocol: "http1", connectTimeout: 5_000, targets: [] };

function at(region: string, zone: string, n: number, parts: Partial<Endpoint> = {}): Endpoint {
	return endpoint({ address: `10.0.0.${n}`, port: 80, locality: { region, zone, subZone: "" }, ...parts });
}

function planned(view: Family, list: readonly Endpoint[], plan: ZonePlan | undefined): readonly DecodedLocality[] {
	const { value } = encodeService(resourceType("eds"), view, web, list, { plan });
	const decoded = decodeMessage("envoy.config.endpoint.v3.ClusterLoadAssignment", value);
	return (decoded.endpoints ?? []) as readonly DecodedLocality[];
}

/** Priority, zone, weight and the weights of the endpoints of each locality. */
function shown(list: readonly DecodedLocality[]): string[] {
	return list.map((each) => {
		const weights = each.lb_endpoints.map(weightOf);
		return `P${each.priority ?? 0} ${each.locality?.zone} ${weightOf(each)}: ${weights}`;
	});
}

const plan = (shares: Record<string, number>, priority = 0): ZonePlan => ({
	key: "k",
	zone: { region: "eu", zone: "a" },
	shares: new Map([
		[priority, new Map(Object.entries(shares).map(([zone, share]) => [zoneKey({ region: "eu", zone }), share]))],
	]),
});

describe("the localities for the clients of a zone", () => {
	const list = canonical([at("eu", "a", 1), at("eu", "a", 2), at("eu", "b", 3), at("us", "d", 4)]);

	it.each(FAMILIES)(
		"are its own first, then the region's, then the others', with their weights, in the %s view",
		(view) => {
			expect(shown(planned(view, list, plan({ a: 1 })))).toEqual([
				"P0 a 200: 100,100",
				"P1 b 100: 100",
				"P2 d 100: 100",
			]);
		},
	);

	it("have the shares as weights: of endpoints for Envoy, of localities for gRPC", () => {
		const half = 2 ** 28;
		const split = plan({ a: 0.5, b: 0.5 });
		expect(shown(planned("envoy", list, split))).toEqual([
			`P0 a ${half}: ${half / 2},${half / 2}`,
			`P0 b ${half}: ${half}`,
			"P1 d 100: 100",
		]);
		expect(shown(planned("grpc", list, split))).toEqual([
			`P0 a ${half}: 100,100`,
			`P0 b ${half}: 100`,
			"P1 d 100: 100",
		]);
	});

	it("keep the weights that endpoints have among those of their zone", () => {
		const unequal = canonical([at("eu", "a", 1, { weight: 30 }), at("eu", "a", 2, { weight: 10 }), at("eu", "b", 3)]);
		const [a, , b] = [2 ** 28 * 0.75, 0, 2 ** 28];
		expect(shown(planned("envoy", unequal, plan({ a: 0.5, b: 0.5 })))).toEqual([
			`P0 a ${2 ** 28}: ${a},${a / 3}`,
			`P0 b ${b}: ${b}`,
		]);
		expect(shown(planned("grpc", unequal, plan({ a: 0.5, b: 0.5 })))).toEqual([
			`P0 a ${a}: 1`,
			`P0 a ${a / 3}: 1`,
			`P0 b ${b}: 100`,
		]);
	});

	it.each(FAMILIES)("expand each priority of the user where it stands, in the %s view", (view) => {
		const failover = canonical([...list, at("eu", "b", 5, { priority: 1 }), at("eu", "a", 6, { priority: 1 })]);
		expect(shown(planned(view, failover, plan({ a: 1 }, 1)))).toEqual([
			...["P0 a 200: 100,100", "P0 b 100: 100", "P0 d 100: 100"],
			...["P1 a 100: 100", "P2 b 100: 100"],
		]);
	});

	it("are as for all clients where there would be more priorities than an Envoy takes", () => {
		const priorities = (count: number) =>
			canonical(
				Array.from({ length: count }, (_, i) => i).flatMap((priority) =>
					["eu a", "eu b", "us d"].map((place, i) => {
						const [region = "", zone = ""] = place.split(" ");
						return at(region, zone, i, { port: priority + 1, priority });
					}),
				),
			);
		const everywhere = (count: number): ZonePlan => {
			const shares = new Map(
				Array.from({ length: count }, (_, i) => [i, new Map([[zoneKey({ region: "eu", zone: "a" }), 1]])]),
			);
			return { key: "k", zone: { region: "eu", zone: "a" }, shares };
		};
		const [most, more] = [priorities(43).slice(0, -1), priorities(43)];
		expect(planned("envoy", most, everywhere(43)).at(-1)?.priority).toBe(127);
		expect(planned("envoy", more, everywhere(43))).toEqual(planned("envoy", more, undefined));
	});

	it("leave room for what gets no traffic and weighs far more", () => {
		const heavy = Array.from({ length: 99 }, (_, i) => at("eu", "a", i + 2, { weight: 65_535, health: "unhealthy" }));
		const all = canonical([at("eu", "a", 1, { weight: 1 }), ...heavy, at("eu", "b", 200, { weight: 1 })]);
		const sent = planned("envoy", all, plan({ a: 0.5, b: 0.5 }));
		const sum = sent.reduce((total, each) => total + weightOf(each), 0);
		expect(sum / 2 ** 31).toBeCloseTo(1, 2);
		const ready = sent.flatMap((each) => each.lb_endpoints).filter((each) => each.health_status !== "UNHEALTHY");
		expect(ready.map(weightOf)).toEqual([331, 331]);
	});

	const zoned = distinctEndpoints({ minLength: 1, maxLength: 60 }).map((all) =>
		canonical(all.map((e) => ({ ...e, locality: { ...e.locality, zone: e.locality.zone || "c" } }))),
	);
	const zone = fc.record({ region: fc.constantFrom("", "a", "b"), zone: fc.constantFrom("a", "b", "c", "d") });
	const demand = fc.uniqueArray(
		fc.record({ at: zone, clients: fc.nat(50) }).map(({ at: place, clients }) => ({ ...place, clients })),
		{ selector: zoneKey, maxLength: 6 },
	);

	it.each(FAMILIES)(
		"are what every client accepts, of the same endpoints, whatever there is, in the %s view",
		(view) => {
			fc.assert(
				fc.property(zoned, zone, demand, (all, place, asked) => {
					const zones = serviceZones(all);
					const made = zones && planFor(place, zones, asked, 2);
					fc.pre(made !== undefined);
					const sent = planned(view, all, made);
					checkAcceptable(sent);
					const before = localities(view, all);
					expect(sent.flatMap(addressesOf).toSorted()).toEqual(before.flatMap(addressesOf).toSorted());
					const byAddress = new Map(all.map((e) => [`${e.address}:${e.port}`, e]));
					for (const [priority, shares] of made?.shares ?? []) {
						const weights = new Map<string, number>();
						for (const each of sent) {
							for (const [i, lb] of each.lb_endpoints.entries()) {
								const { address, port_value } = lb.endpoint.address.socket_address;
								const e = byAddress.get(`${address}:${port_value}`);
								const key = e && zoneKey(e.locality);
								if (e?.priority !== priority || !key || !shares.has(key)) continue;
								const counts = view === "envoy" ? isReady(e) || !all.some(isReady) : i === 0;
								if (counts) weights.set(key, (weights.get(key) ?? 0) + weightOf(view === "envoy" ? lb : each));
							}
						}
						const sum = [...weights.values()].reduce((total, weight) => total + weight, 0);
						const parts = [...shares.values()].reduce((total, share) => total + share, 0);
						if (shares.size > 1)
							for (const [key, share] of shares) expect((weights.get(key) ?? 0) / sum).toBeCloseTo(share / parts, 4);
					}
				}),
				randomRuns(1_000),
			);
		},
	);

	it.each(FAMILIES)("are the same bytes whether those of all clients are copied or not, in the %s view", (view) => {
		const many = canonical(
			Array.from({ length: 400 }, (_, i) =>
				at("eu", "abcd"[i % 4] as string, i % 250, { port: i + 1, weight: 1 + (i % 3) }),
			),
		);
		const base = encodeServiceAssignment(view, "web", many);
		for (const shares of [{ a: 1 }, { a: 0.7, b: 0.3 }, { b: 0.2, c: 0.8 }]) {
			const known = { value: base, endpoints: many };
			const copied = encodeServiceAssignment(view, "web", many, known, plan(shares));
			expect(Buffer.compare(copied, encodeServiceAssignment(view, "web", many, undefined, plan(shares)))).toBe(0);
		}
	});
});
