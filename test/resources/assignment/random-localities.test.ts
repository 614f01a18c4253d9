import { describe, expect, it } from "vitest";
import { type Endpoint, endpoint, isReady } from "../../../src/model/endpoint.js";
import { zoneKey } from "../../../src/model/zones/zone.js";
import type { ZonePlan } from "../../../src/model/zones/zone-plan.js";
import { envoyLocalities } from "../../../src/resources/assignment/envoy-assignment.js";
import { forRandom, randomLocalities } from "../../../src/resources/assignment/random-localities.js";
import { encodeServiceAssignment } from "../../../src/resources/assignment/service-assignment.js";
import { type DecodedLocality, decodeMessage } from "../decode.js";
import { canonical, weightOf } from "../decoded-assignment.js";

function zone(name: string, total: number, ready = total): Endpoint[] {
	return Array.from({ length: total }, (_, i) => {
		const health = i < ready ? "healthy" : "unhealthy";
		const address = `10.${name.charCodeAt(0)}.0.${i}`;
		return endpoint({ address, port: 80, health, locality: { region: "eu", zone: name, subZone: "" } });
	});
}

function sent(list: readonly Endpoint[], policy: "random" | "round_robin", plan?: ZonePlan) {
	const value = encodeServiceAssignment("envoy", "web", list, undefined, plan, { loadBalancing: { policy } });
	return decodeMessage("envoy.config.endpoint.v3.ClusterLoadAssignment", value).endpoints as DecodedLocality[];
}

/** The part of the traffic that an Envoy gives each locality, of those of the first priority. */
function traffic(list: readonly DecodedLocality[]): number[] {
	const parts = list.map((each) => {
		const ready = each.lb_endpoints.filter(({ health_status: health }) => health === "HEALTHY").length;
		return weightOf(each) * Math.min(1, (1.4 * ready) / each.lb_endpoints.length);
	});
	const sum = parts.reduce((a, b) => a + b, 0);
	return parts.map((part) => part / sum);
}

describe("the localities for Envoys that choose at random", () => {
	const list = canonical([...zone("a", 10, 5), ...zone("b", 10), ...zone("c", 10)]);

	it("get by their ready endpoints what an Envoy takes away of those with many others", () => {
		const parts = traffic(sent(list, "random"));
		for (const [i, part] of [0.2, 0.4, 0.4].entries()) expect(parts[i]).toBeCloseTo(part, 4);
	});

	it("weigh what their ready endpoints do, divided by the part that an Envoy takes them for, in thousandths", () => {
		expect(sent(list, "random").map(weightOf)).toEqual([Math.round((500 * 1_024) / 0.7), 1_000 * 1_024, 1_000 * 1_024]);
		const none = canonical([...zone("a", 10), ...zone("b", 10, 0)]);
		expect(sent(none, "random").map(weightOf)).toEqual([1_000, 1]);
		// From 5 of 7 on an Envoy takes a locality for whole.
		expect(sent(canonical(zone("a", 7, 5)), "random").map(weightOf)).toEqual([500]);
		expect(sent(canonical(zone("a", 7, 4)), "random").map(weightOf)).toEqual([Math.round((400 * 1_024) / 0.8)]);
	});

	it("have the shares of zones", () => {
		const shares = new Map(
			Object.entries({ a: 0.5, b: 0.5 }).map(([name, s]) => [zoneKey({ region: "eu", zone: name }), s]),
		);
		const plan: ZonePlan = { key: "k", zone: { region: "eu", zone: "a" }, shares: new Map([[0, shares]]) };
		const parts = traffic(sent(list, "random", plan).filter(({ priority = 0 }) => priority === 0));
		expect(parts).toHaveLength(2);
		for (const part of parts) expect(part).toBeCloseTo(0.5, 4);
	});

	it("are as for others where all are ready, or none", () => {
		for (const ready of [10, 0]) {
			const all = canonical([...zone("a", 10, ready), ...zone("b", 5, ready && 5)]);
			expect(all.some(isReady)).toBe(ready > 0);
			expect(forRandom(randomLocalities(all))).toEqual(envoyLocalities(all));
			expect(sent(all, "random")).toEqual(sent(all, "round_robin"));
		}
	});
});
