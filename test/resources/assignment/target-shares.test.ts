import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../../src/model/endpoint.js";
import type { DecodedLocality } from "../decode.js";
import { addressesOf, at, checkAcceptable, encode, keyOf, localities, weightOf } from "../decoded-assignment.js";

const share = (target: string, part: number) => ({ targetShare: { target, part } });

function list(stable: number, canary: number, parts: Partial<Endpoint> = {}): Endpoint[] {
	return [
		...Array.from({ length: stable }, (_, i) => at(i, share("k8s:///shop/web:http", 0.9))),
		...Array.from({ length: canary }, (_, i) => at(1_000 + i, { ...share("k8s:///shop/canary:http", 0.1), ...parts })),
	];
}

/** What the addresses from 10.0.3.232 on have of all. */
function shareOfCanary(view: "envoy" | "grpc", endpoints: readonly Endpoint[]): number {
	let [canary, total] = [0, 0];
	for (const locality of localities(view, endpoints)) {
		const own = locality.lb_endpoints.reduce((sum, each) => sum + weightOf(each), 0);
		for (const [i, each] of locality.lb_endpoints.entries()) {
			if (!["HEALTHY", undefined].includes(each.health_status)) continue;
			// Envoy goes by the endpoint's weight; gRPC by the locality's, within which all are equal.
			const weight = view === "envoy" ? weightOf(each) : weightOf(locality) / locality.lb_endpoints.length;
			total += weight;
			if (Number((addressesOf(locality)[i] as string).split(".")[2]) >= 3) canary += weight;
		}
		expect(own).toBeLessThan(2 ** 32);
	}
	return canary / total;
}

describe.each(["envoy", "grpc"] as const)("the assignment of targets with weights, for %s", (view) => {
	it.each([
		[1, 1],
		[3, 20],
		[200, 1],
		[70, 70],
		[1, 300],
	])("gives a target its share with %i and %i endpoints", (stable, canary) => {
		checkAcceptable(localities(view, list(stable, canary)));
		expect(shareOfCanary(view, list(stable, canary))).toBeCloseTo(0.1, 3);
	});

	it("gives it the whole share with endpoints that are not ready, and none to a target without any", () => {
		const half = list(4, 4).map((e, i): Endpoint => (i % 2 === 0 ? { ...e, health: "unhealthy" } : e));
		expect(shareOfCanary(view, half)).toBeCloseTo(0.1, 6);
		expect(shareOfCanary(view, list(4, 2, { health: "draining" }))).toBe(0);
	});

	it("is the same bytes again for the same endpoints", () => {
		expect(encode(view, list(5, 3)).version).toBe(encode(view, list(5, 3).reverse()).version);
	});
});

describe("the localities that gRPC clients get of targets with weights", () => {
	const names = (endpoints: readonly Endpoint[]) =>
		localities("grpc", endpoints).map((each: DecodedLocality) => keyOf(each));

	it("are one a target, and weigh the same when endpoints come and go", () => {
		const before = localities("grpc", list(3, 2));
		const after = localities("grpc", list(5, 1));
		expect(before.map(keyOf)).toEqual(['["","","k8s:///shop/web:http"]', '["","","k8s:///shop/canary:http"]']);
		expect(after.map(keyOf)).toEqual(before.map(keyOf));
		for (const [i, each] of after.entries()) {
			expect(Math.abs(weightOf(each) / weightOf(before[i] as DecodedLocality) - 1)).toBeLessThan(1e-6);
		}
	});

	it("keep their names when weights change, so that connections stay", () => {
		const uneven = (weight: number) => list(3, 2).map((e, i): Endpoint => (i === 0 ? { ...e, weight } : e));
		expect(names(uneven(50))).toEqual(names(uneven(70)));
		const other = list(3, 2).map((e): Endpoint => ({ ...e, ...share(e.targetShare?.target ?? "", 0.5) }));
		expect(names(other)).toEqual(names(list(3, 2)));
	});
});
