import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, type Endpoint, endpoint } from "../../../src/model/endpoint.js";
import type { View } from "../../../src/resources/view.js";
import { anyEndpoint, distinctEndpoints, reordered } from "../../model/arbitrary-endpoint.js";
import { randomRuns } from "../../random-runs.js";
import {
	addressesOf,
	at,
	canonical,
	checkAcceptable,
	encode,
	eu,
	keyOf,
	localities,
	MAX_UINT32,
	weightOf,
} from "../decoded-assignment.js";

const VIEWS: readonly View[] = ["envoy", "grpc"];
const HEALTH = {
	healthy: "HEALTHY",
	unknown: undefined,
	unhealthy: "UNHEALTHY",
	draining: "DRAINING",
	timeout: "TIMEOUT",
	degraded: "DEGRADED",
};

/** One endpoint has one part of another one, which may be the same. */
function withOneChange([first, ...rest]: readonly Endpoint[]): fc.Arbitrary<Endpoint[]> {
	const parts = ["health", "weight", "priority", "locality", "hostname", "metadata"] as const;
	return fc
		.tuple(fc.constantFrom(...parts), anyEndpoint)
		.map(([part, other]) => [{ ...(first as Endpoint), [part]: other[part] }, ...rest]);
}

describe.each(VIEWS)("the %s view's assignment", (view) => {
	it("is one that every client accepts (R40)", () => {
		fc.assert(
			fc.property(fc.array(anyEndpoint, { maxLength: 40 }), (list) => checkAcceptable(localities(view, list))),
			randomRuns(300),
		);
	});

	it("has the same bytes and version whatever the order of endpoints and metadata", () => {
		const lists = distinctEndpoints({ maxLength: 20 }).chain((list) => fc.tuple(reordered(list), reordered(list)));
		fc.assert(
			fc.property(lists, ([a, b]) => {
				const [one, other] = [encode(view, a), encode(view, b)];
				expect(Buffer.from(other.sotw).equals(one.sotw)).toBe(true);
				expect(other.version).toBe(one.version);
			}),
		);
	});

	it("has equal versions exactly where the messages are equal", () => {
		const pairs = distinctEndpoints({ minLength: 1, maxLength: 3 }).chain((list) =>
			fc.tuple(fc.constant(list), withOneChange(list)),
		);
		fc.assert(
			fc.property(pairs, ([a, b]) => {
				const same = JSON.stringify(localities(view, a)) === JSON.stringify(localities(view, b));
				expect(encode(view, a).version === encode(view, b).version).toBe(same);
			}),
		);
	});

	it("keeps the sum of a priority's locality weights below 2³² also for a huge list", () => {
		// 69,000 endpoints with the full weight, and 1,000 zones of weight 1 that must not fall to 0.
		const huge = Array.from({ length: 70_000 }, (_, i) =>
			endpoint({
				address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
				port: 80,
				weight: i < 1_000 ? 1 : 65_535,
				locality: { region: "eu", zone: i < 1_000 ? `${i}` : "all", subZone: "" },
			}),
		);
		const list = localities(view, huge);
		const sum = list.reduce((total, locality) => total + weightOf(locality), 0);
		expect(sum).toBeLessThanOrEqual(MAX_UINT32);
		expect(sum).toBeGreaterThan(MAX_UINT32 * 0.999);
		expect(Math.min(...list.map(weightOf))).toBeGreaterThanOrEqual(1);
	});
});

describe("the Envoy view's assignment", () => {
	it("holds every endpoint that has a weight, with its health, weight, hostname, metadata and locality", () => {
		fc.assert(
			fc.property(distinctEndpoints({ maxLength: 30 }), (list) => {
				const merged = canonical(list).filter((e) => e.weight > 0);
				const expected = merged.map((e) => ({
					address: addressOf(e),
					health: HEALTH[e.health],
					weight: e.weight,
					hostname: e.hostname,
					metadata: Object.keys(e.metadata ?? {}).length > 0 ? e.metadata : undefined,
					locality: JSON.stringify([e.locality.region, e.locality.zone, e.locality.subZone]),
				}));
				const sent = localities("envoy", list).flatMap((locality) =>
					locality.lb_endpoints.map((each, i) => ({
						address: addressesOf(locality)[i],
						health: each.health_status,
						weight: weightOf(each),
						hostname: each.endpoint.hostname,
						metadata: plain(each.metadata),
						locality: keyOf(locality),
					})),
				);
				const byAddress = (a: { address: string | undefined }, b: { address: string | undefined }) =>
					(a.address as string) < (b.address as string) ? -1 : 1;
				expect(sent.sort(byAddress)).toEqual(expected.sort(byAddress));
			}),
		);
	});

	it("gives a locality the sum of its endpoints' weights, whatever their health", () => {
		const list = [at(1, { locality: eu, weight: 7 }), at(2, { locality: eu, weight: 5, health: "unhealthy" }), at(3)];
		expect(localities("envoy", list).map((each) => [keyOf(each), weightOf(each)])).toEqual([
			['["","",""]', 100],
			['["eu","a",""]', 12],
		]);
	});

	it("closes the gap of a priority whose endpoints all have weight 0", () => {
		const list = [at(1, { weight: 0 }), at(2, { priority: 1 })];
		expect(localities("envoy", list).map((each) => [each.priority ?? 0, addressesOf(each)])).toEqual([
			[0, ["10.0.0.2:80"]],
		]);
	});
});

interface ProtoValue {
	readonly stringValue?: string;
	readonly numberValue?: number;
	readonly boolValue?: boolean;
	readonly listValue?: { readonly values?: readonly ProtoValue[] };
}

function plain(metadata: unknown): unknown {
	const fields = (metadata as { filter_metadata?: Record<string, { fields: Record<string, ProtoValue> }> })
		?.filter_metadata?.["envoy.lb"]?.fields;
	return fields && Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue({ stringValue, numberValue, boolValue, listValue }: ProtoValue): unknown {
	return listValue ? (listValue.values ?? []).map(plainValue) : (stringValue ?? numberValue ?? boolValue);
}
