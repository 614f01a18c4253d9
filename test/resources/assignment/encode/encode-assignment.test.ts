import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Address, SocketAddress_Protocol } from "../../../../src/gen/envoy/config/core/v3/address.js";
import { HealthStatus } from "../../../../src/gen/envoy/config/core/v3/health_check.js";
import { ClusterLoadAssignment } from "../../../../src/gen/envoy/config/endpoint/v3/endpoint.js";
import type { LbEndpoint } from "../../../../src/gen/envoy/config/endpoint/v3/endpoint_components.js";
import { compareText, type Endpoint, endpoint, type OtherAddress } from "../../../../src/model/endpoint.js";
import type { AssignedLocality } from "../../../../src/resources/assignment/encode/assigned-locality.js";
import { type EndpointStyle, encodeAssignment } from "../../../../src/resources/assignment/encode/encode-assignment.js";
import { MIN_KEPT } from "../../../../src/resources/assignment/encode/kept-endpoints.js";
import { ENVOY_STYLE } from "../../../../src/resources/assignment/envoy-assignment.js";
import { GRPC_STYLE } from "../../../../src/resources/assignment/grpc-assignment.js";
import { GRPC_HASH_STYLE } from "../../../../src/resources/assignment/hashed-localities.js";
import { encodeServiceAssignment } from "../../../../src/resources/assignment/service-assignment.js";
import { anyEndpoint as everyEndpoint, locality } from "../../../model/arbitrary-endpoint.js";
import { randomRuns } from "../../../random-runs.js";
import { at } from "../../decoded-assignment.js";

// The generated codec takes an object, which has whole numbers first: their bytes are the same in another order.
const anyEndpoint = everyEndpoint.filter(
	({ metadata }) => !Object.keys(metadata ?? {}).some((key) => /^\d+$/.test(key)),
);

const HEALTH_STATUS = {
	unknown: HealthStatus.UNKNOWN,
	healthy: HealthStatus.HEALTHY,
	unhealthy: HealthStatus.UNHEALTHY,
	draining: HealthStatus.DRAINING,
	timeout: HealthStatus.TIMEOUT,
	degraded: HealthStatus.DEGRADED,
};

/** By the generated codec. */
function generated(name: string, localities: readonly AssignedLocality[], style: EndpointStyle): Uint8Array {
	const endpoints = localities.map(({ locality, priority, weight, endpoints }) => ({
		locality,
		priority,
		loadBalancingWeight: weight,
		lbEndpoints: endpoints.map((e) => lbEndpoint(e, style)),
	}));
	return ClusterLoadAssignment.encode({ clusterName: name, endpoints, namedEndpoints: {} }).finish();
}

function socketAddress({ address, port }: OtherAddress) {
	return {
		socketAddress: {
			protocol: SocketAddress_Protocol.TCP,
			address,
			portValue: port,
			resolverName: "",
			ipv4Compat: false,
		},
	};
}

const PROXY_KEY = "envoy.http11_proxy_transport_socket.proxy_address";
const ADDRESS_TYPE = "type.googleapis.com/envoy.config.core.v3.Address";

const PROXY = { address: "10.0.0.9", port: 3_128 };
const PROXIED: EndpointStyle = { ...ENVOY_STYLE, proxy: ({ port }) => (port % 2 === 0 ? PROXY : undefined) };

function addressBytes(e: OtherAddress): Uint8Array {
	return Address.encode(Address.fromPartial(socketAddress(e))).finish();
}

function lbEndpoint(e: Endpoint, style: EndpointStyle): LbEndpoint {
	const metadata = Object.entries(style.metadata(e) ?? {}).sort(([a], [b]) => compareText(a, b));
	const proxy = style.proxy?.(e);
	return {
		endpoint: {
			address: socketAddress(e),
			hostname: e.hostname ?? "",
			additionalAddresses: (e.additionalAddresses ?? []).map((other) => ({ address: socketAddress(other) })),
		},
		healthStatus: HEALTH_STATUS[style.health(e)],
		loadBalancingWeight: e.weight,
		metadata:
			metadata.length > 0 || proxy
				? {
						filterMetadata: metadata.length > 0 ? { "envoy.lb": Object.fromEntries(metadata) } : {},
						typedFilterMetadata: proxy ? { [PROXY_KEY]: { typeUrl: ADDRESS_TYPE, value: addressBytes(proxy) } } : {},
					}
				: undefined,
	};
}

// Also halves of characters, and lengths on both sides of where a length needs another byte.
const text = fc.oneof(
	fc.string({ unit: "binary", maxLength: 10 }),
	fc.constantFrom("\ud800", "é".repeat(32), "x".repeat(63), "x".repeat(64), "x".repeat(65), "é".repeat(64)),
	fc.constantFrom("x".repeat(127), "x".repeat(128), "x".repeat(20_000)),
);

const uint32 = fc.oneof(
	fc.constantFrom(0, 1, 127, 128, 16_383, 16_384, 2 ** 21 - 1, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 32 - 1),
	fc.nat(65_535),
);

const strangeEndpoint = fc
	.record({
		e: anyEndpoint,
		address: text,
		hostname: fc.option(text, { nil: undefined }),
		port: uint32,
		weight: uint32,
	})
	.map(({ e, hostname, ...parts }): Endpoint => ({ ...e, ...parts, ...(hostname === undefined ? {} : { hostname }) }));

const localities: fc.Arbitrary<AssignedLocality[]> = fc.array(
	fc.record({
		locality: fc.oneof(locality, fc.record({ region: text, zone: text, subZone: text })),
		priority: fc.oneof(fc.nat(128), uint32),
		weight: uint32,
		endpoints: fc.array(fc.oneof(anyEndpoint, strangeEndpoint), { maxLength: 20 }),
	}),
	{ maxLength: 5 },
);

/** Two assignments, of which the second has much of the first one's. */
const history: fc.Arbitrary<readonly [AssignedLocality[], AssignedLocality[]]> = fc
	.tuple(localities, localities, fc.array(anyEndpoint, { minLength: MIN_KEPT - 2, maxLength: MIN_KEPT + 40 }))
	.chain(([others, news, many]) => {
		const place = { locality: { region: "eu", zone: "a", subZone: "" }, priority: 0 };
		const count = many.length;
		return fc
			.record({
				at: fc.nat(count),
				left: fc.oneof(fc.nat(3), fc.nat(count)),
				put: fc.array(anyEndpoint, { maxLength: 20 }),
				first: fc.boolean(),
			})
			.map(({ at, left, put, first }) => {
				const mine = (weight: number, endpoints: readonly Endpoint[]) => ({ ...place, weight, endpoints });
				const before = [mine(1, many), ...others.filter((each) => keyOf(each) !== keyOf(mine(1, [])))];
				const next = mine(300, many.toSpliced(at, left, ...put));
				const rest = first ? before.slice(1) : news.filter((each) => keyOf(each) !== keyOf(next));
				return [before, first ? [next, ...rest] : [...rest, next]] as const;
			});
	});

function keyOf({
	priority,
	locality: { region, zone, subZone },
}: Pick<AssignedLocality, "priority" | "locality">): string {
	return JSON.stringify([priority, region, zone, subZone]);
}

describe.each([
	["Envoy", ENVOY_STYLE],
	["gRPC", GRPC_STYLE],
	["gRPC that hashes", GRPC_HASH_STYLE],
	["Envoy with proxies", PROXIED],
])("an assignment for %s", (_, style) => {
	it("has the bytes that the generated codec writes", () => {
		fc.assert(
			fc.property(text, localities, (name, list) => {
				const written = encodeAssignment(name, list, style);
				expect(Buffer.compare(written, generated(name, list, style))).toBe(0);
			}),
			randomRuns(500),
		);
	});

	it("has them also of ten thousand endpoints", () => {
		const place = { region: "eu", zone: "a", subZone: "" };
		const endpoints = Array.from({ length: 10_000 }, (_, i): Endpoint => {
			const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
			return { address, port: 8080, health: "healthy", weight: i % 300, priority: 0, locality: place };
		});
		const list = [{ locality: place, priority: 0, weight: 1, endpoints }];
		expect(Buffer.compare(encodeAssignment("web", list, style), generated("web", list, style))).toBe(0);
	});

	it("has the same bytes where those of the assignment of before are copied", () => {
		fc.assert(
			fc.property(text, history, (name, [before, after]) => {
				const known = { value: encodeAssignment(name, before, style), localities: before };
				const written = encodeAssignment(name, after, style, known);
				expect(Buffer.compare(written, encodeAssignment(name, after, style))).toBe(0);
			}),
			randomRuns(200),
		);
	});

	it("is encoded anew only where it differs", () => {
		const place = { region: "eu", zone: "a", subZone: "" };
		const endpoints = Array.from({ length: 1_000 }, (_, i) =>
			endpoint({ address: "10.0.0.1", port: i + 1, locality: place, health: "healthy" }),
		);
		const before = [{ locality: place, priority: 0, weight: 1, endpoints }];
		const looked: number[] = [];
		const spying: EndpointStyle = {
			...style,
			health: (e) => {
				looked.push(e.port);
				return style.health(e);
			},
		};
		const known = { value: encodeAssignment("web", before, style), localities: before };
		const other = { ...(endpoints[499] as Endpoint), weight: 7 };
		encodeAssignment(
			"web",
			[{ ...before[0], endpoints: endpoints.with(499, other) } as AssignedLocality],
			spying,
			known,
		);
		expect(looked).toEqual([500]);
	});

	it.each(["envoy", "grpc"] as const)("of a service is the same whatever is known of it, in the %s view", (view) => {
		const endpoints = Array.from({ length: MIN_KEPT + 1 }, (_, i) => at(i + 1));
		const fewer = endpoints.slice(1);
		const whole = encodeServiceAssignment(view, "web", endpoints);
		const known = { value: encodeServiceAssignment(view, "web", fewer), endpoints: fewer };
		expect(encodeServiceAssignment(view, "web", endpoints, known)).toEqual(whole);
		// Of another list nothing is known.
		const other = { value: known.value, endpoints: [...fewer] };
		expect(encodeServiceAssignment(view, "web", endpoints, other)).toEqual(whole);
	});

	it("is encoded as a whole where what is known of it does not fit together", () => {
		const endpoints = Array.from({ length: 100 }, (_, i) => endpoint({ address: "10.0.0.1", port: i + 1 }));
		const list = [{ locality: { region: "eu", zone: "a", subZone: "" }, priority: 0, weight: 1, endpoints }];
		const whole = encodeAssignment("web", list, style);
		for (const value of [new Uint8Array(), whole.subarray(0, whole.length / 2), Buffer.alloc(50, 0xff)]) {
			expect(Buffer.compare(encodeAssignment("web", list, style, { value, localities: list }), whole)).toBe(0);
		}
	});
});
