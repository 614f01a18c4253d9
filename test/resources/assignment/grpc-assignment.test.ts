import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, type Endpoint, readyEndpoints } from "../../../src/model/endpoint.js";
import { grpcLocalitiesByLoad } from "../../../src/resources/assignment/grpc-assignment.js";
import { encodeServiceAssignment } from "../../../src/resources/assignment/service-assignment.js";
import { anyEndpoint, distinctEndpoints } from "../../model/arbitrary-endpoint.js";
import { randomRuns } from "../../random-runs.js";
import { type DecodedLocality, decodeMessage } from "../decode.js";
import { addressesOf, at, canonical, eu, keyOf, localities, weightOf } from "../decoded-assignment.js";

describe("the gRPC view's assignment", () => {
	it("has each locality once over all priorities, and only what gRPC uses (G4, G5)", () => {
		fc.assert(
			fc.property(fc.array(anyEndpoint, { maxLength: 40 }), (list) => {
				const sent = localities("grpc", list);
				expect(new Set(sent.map(keyOf)).size).toBe(sent.length);
				const ready = readyEndpoints(canonical(list)).map(addressOf);
				expect(sent.flatMap(addressesOf).sort()).toEqual(ready.sort());
				for (const each of sent.flatMap((locality) => locality.lb_endpoints)) {
					expect([undefined, "HEALTHY"]).toContain(each.health_status);
				}
			}),
			randomRuns(300),
		);
	});

	it("gives every endpoint by locality weights alone the share that its weight is of its priority (G3)", () => {
		const many = fc
			.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.nat(2), fc.nat(2)), { maxLength: 200 })
			.map((parts) =>
				parts.map(([weight, priority, zone], i) =>
					at(i, { weight, priority, locality: { region: "", zone: `${zone}`, subZone: "" } }),
				),
			);
		fc.assert(
			fc.property(fc.oneof(many, distinctEndpoints({ maxLength: 40 })), (list) => {
				const sent = localities("grpc", list);
				const ready = readyEndpoints(canonical(list));
				const byAddress = new Map(ready.map((e) => [addressOf(e), e]));
				for (const priority of new Set(sent.map((each) => each.priority ?? 0))) {
					const within = sent.filter((each) => (each.priority ?? 0) === priority);
					const members = within.flatMap(addressesOf).map((address) => byAddress.get(address) as Endpoint);
					expect(new Set(members.map((e) => e.priority)).size).toBe(1);
					const all = members.reduce((sum, e) => sum + e.weight, 0);
					const total = within.reduce((sum, each) => sum + weightOf(each), 0);
					for (const locality of within) {
						const share = weightOf(locality) / total / locality.lb_endpoints.length;
						for (const address of addressesOf(locality)) {
							expect(share).toBeCloseTo((byAddress.get(address) as Endpoint).weight / all, 9);
						}
					}
				}
			}),
		);
	});

	it("does not split a locality of equal weights, whatever the weight", () => {
		for (const weight of [1, 100, 65_535]) {
			const list = Array.from({ length: 100 }, (_, i) => at(i, { weight, locality: eu }));
			expect(localities("grpc", list).map((each) => [keyOf(each), weightOf(each)])).toEqual([
				['["eu","a",""]', 100 * weight],
			]);
		}
	});

	it("does not split for the weights of endpoints that get no traffic", () => {
		const list = [at(1), at(2), at(3, { weight: 7, health: "unhealthy" }), at(4, { weight: 0 })];
		expect(localities("grpc", list)).toHaveLength(1);
	});

	it.each(["", "r"])('splits up to 64 endpoints of sub-zone "%s" by address, whatever the weights', (subZone) => {
		const list = Array.from({ length: 64 }, (_, i) => at(i + 1, { weight: i + 1, locality: { ...eu, subZone } }));
		const sent = localities("grpc", list);
		expect(sent).toHaveLength(64);
		for (const each of sent) {
			const [address] = addressesOf(each);
			expect(each.locality?.sub_zone).toBe(subZone === "" ? address : `${subZone}/${address}`);
			expect(each.locality).toMatchObject({ region: "eu", zone: "a" });
		}
		const changed = list.map((e) => ({ ...e, weight: 65 - e.weight }));
		const names = (localitiesSent: readonly DecodedLocality[]) =>
			Object.fromEntries(localitiesSent.map((each) => [addressesOf(each)[0], keyOf(each)]));
		expect(names(localities("grpc", changed))).toEqual(names(sent));
	});

	it("splits nothing by weights for clients that go by the load of endpoints", () => {
		const list = [at(1, { weight: 10, locality: eu }), at(2, { weight: 30, locality: eu }), at(3)];
		expect(grpcLocalitiesByLoad(canonical(list)).map(({ weight, endpoints }) => [weight, endpoints.length])).toEqual([
			[100, 1],
			[40, 2],
		]);
		const sent = (policy: "round_robin" | "client_side_weighted_round_robin") => {
			const value = encodeServiceAssignment("grpc", "web", canonical(list), undefined, undefined, {
				loadBalancing: { policy },
			});
			return decodeMessage("envoy.config.endpoint.v3.ClusterLoadAssignment", value).endpoints as DecodedLocality[];
		};
		expect(sent("client_side_weighted_round_robin").map(weightOf)).toEqual([100, 40]);
		expect(sent("round_robin").map(weightOf)).toEqual([100, 10, 30]);
	});

	it("splits 65 and more into a locality a weight", () => {
		const list = Array.from({ length: 65 }, (_, i) => at(i + 1, { weight: i < 60 ? 10 : 30 }));
		const sent = localities("grpc", list);
		expect(sent.map((each) => [each.locality?.sub_zone, weightOf(each), each.lb_endpoints.length])).toEqual([
			["weight-10", 600, 60],
			["weight-30", 150, 5],
		]);
		const inReverse = Array.from({ length: 65 }, (_, i) => at(i + 1, { weight: i < 60 ? 30 : 10 }));
		expect(localities("grpc", inReverse).map((each) => each.locality?.sub_zone)).toEqual(["weight-10", "weight-30"]);
	});

	it("tells the same locality in two priorities apart (G4)", () => {
		const list = [at(1, { locality: eu }), at(2, { locality: eu, priority: 1 })];
		expect(localities("grpc", list).map((each) => [each.priority ?? 0, each.locality?.sub_zone])).toEqual([
			[0, undefined],
			[1, "priority-1"],
		]);
	});

	it("tells it apart also where the configured names are those of priorities", () => {
		const list = [
			at(1, { locality: eu }),
			at(2, { locality: { ...eu, subZone: "priority-1" } }),
			at(3, { locality: { ...eu, subZone: "priority-1-1" } }),
			at(4, { locality: eu, priority: 1 }),
		];
		expect(localities("grpc", list).map((each) => each.locality?.sub_zone)).toEqual([
			...[undefined, "priority-1", "priority-1-1", "priority-1-2"],
		]);
	});

	it("tells localities apart also where the configured names are those that it would make", () => {
		const list = [
			at(1, { weight: 1 }),
			at(2, { weight: 2 }),
			at(3, { locality: { region: "", zone: "", subZone: "10.0.0.1:80" } }),
			at(4, { locality: { region: "", zone: "", subZone: "10.0.0.1:80/priority-0" } }),
		];
		const sent = localities("grpc", list);
		expect(new Set(sent.map(keyOf)).size).toBe(4);
	});

	it("sends those whose health is not known as such", () => {
		const ready = [at(1, { health: "healthy" }), at(2, { health: "unknown" })];
		expect(localities("grpc", ready).map((each) => each.lb_endpoints.map((e) => e.health_status))).toEqual([
			["HEALTHY", undefined],
		]);
	});

	it("sends degraded endpoints as healthy, only while they are all that is left", () => {
		const degraded = [at(1, { health: "degraded" }), at(2, { health: "unhealthy" })];
		expect(localities("grpc", degraded).map((each) => each.lb_endpoints.map((e) => e.health_status))).toEqual([
			["HEALTHY"],
		]);
		expect(localities("grpc", [...degraded, at(3)]).flatMap(addressesOf)).toEqual(["10.0.0.3:80"]);
	});

	it("moves the next priority up where one has no ready endpoint", () => {
		const list = [at(1, { health: "draining" }), at(2, { priority: 1 }), at(3, { priority: 2 })];
		expect(localities("grpc", list).map((each) => [each.priority ?? 0, addressesOf(each)])).toEqual([
			[0, ["10.0.0.2:80"]],
			[1, ["10.0.0.3:80"]],
		]);
	});

	it("is empty, not absent, without any ready endpoint", () => {
		expect(localities("grpc", [at(1, { health: "timeout" })])).toEqual([]);
	});
});
