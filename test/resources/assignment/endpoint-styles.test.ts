import { describe, expect, it } from "vitest";
import { type Endpoint, endpoint } from "../../../src/model/endpoint.js";
import type { Policies } from "../../../src/model/policies/policies.js";
import { styleWith } from "../../../src/resources/assignment/endpoint-styles.js";
import { ENVOY_STYLE } from "../../../src/resources/assignment/envoy-assignment.js";
import { GRPC_STYLE } from "../../../src/resources/assignment/grpc-assignment.js";
import { GRPC_HASH_STYLE } from "../../../src/resources/assignment/hashed-localities.js";
import { encodeServiceAssignment } from "../../../src/resources/assignment/service-assignment.js";
import { decodeMessage } from "../decode.js";

function endpointsOf(...parts: readonly Partial<Endpoint>[]): readonly Endpoint[] {
	return parts.map((each, i) => endpoint({ address: "10.0.0.1", port: i + 1, ...each }));
}

function named(value: Uint8Array) {
	return decodeMessage("envoy.config.endpoint.v3.ClusterLoadAssignment", value);
}

describe("what decides an endpoint's place in a ring", () => {
	const hashed = (hashKey: NonNullable<Policies["loadBalancing"]>["hashKey"]): Policies => ({
		loadBalancing: { policy: "ring_hash", hashKey },
	});
	const keys = (policies: Policies, endpoints: readonly Endpoint[], base = GRPC_HASH_STYLE) => {
		const { metadata } = styleWith(base, "grpc", "web", endpoints, policies);
		return endpoints.map((e) => metadata(e)?.hash_key);
	};

	it("is its hostname, where no other has the same", () => {
		const endpoints = endpointsOf({ hostname: "a" }, { hostname: "b" }, { hostname: "b" }, {});
		expect(keys(hashed("hostname"), endpoints)).toEqual(["a", undefined, undefined, undefined]);
	});

	it("is metadata of a name, which is a text", () => {
		const endpoints = endpointsOf(
			{ metadata: { shard: "7" } },
			{ metadata: { shard: 7 } },
			{ metadata: { shard: "" } },
		);
		expect(keys(hashed({ metadata: "shard" }), endpoints)).toEqual(["7", undefined, undefined]);
		expect(keys(hashed({ metadata: "shard" }), endpoints, GRPC_STYLE)).toEqual(["7", undefined, undefined]);
	});

	it("stands beside the other metadata for an Envoy, and gRPC clients get it alone", () => {
		const endpoints = endpointsOf({ hostname: "a", metadata: { version: "2", hash_key: "old" } });
		const { metadata } = styleWith(ENVOY_STYLE, "envoy", "web", endpoints, hashed("hostname"));
		expect(endpoints.map(metadata)).toEqual([{ version: "2", hash_key: "a" }]);
		expect(endpoints.map(GRPC_HASH_STYLE.metadata)).toEqual([{ hash_key: "old" }]);
		expect(endpoints.map(GRPC_STYLE.metadata)).toEqual([undefined]);
	});

	it("is another as soon as another endpoint has the same, however many there are", () => {
		const many = endpointsOf(...Array.from({ length: 100 }, (_, i) => ({ hostname: `pod-${i}` })));
		const policies = hashed("hostname");
		const before = encodeServiceAssignment("envoy", "web", many, undefined, undefined, policies);
		const twice = [...many, endpoint({ address: "10.0.0.2", port: 1, hostname: "pod-3" })];
		const known = { value: before, endpoints: many };
		const after = encodeServiceAssignment("envoy", "web", twice, known, undefined, policies);
		expect(after).toEqual(encodeServiceAssignment("envoy", "web", twice, undefined, undefined, policies));
		expect(JSON.stringify(named(before)).match(/pod-3"/g)).toHaveLength(2);
		expect(JSON.stringify(named(after)).match(/pod-3"/g)).toHaveLength(2);
	});
});

describe("the proxy of an endpoint", () => {
	const proxies = (view: Parameters<typeof styleWith>[1], policies: Policies) => {
		const endpoints = endpointsOf({ metadata: { via: "10.9.9.9:3128" } }, { metadata: { via: "a.test:80" } }, {});
		const { proxy } = styleWith(ENVOY_STYLE, view, "web", endpoints, policies);
		return endpoints.map((e) => proxy?.(e));
	};
	const proxy = { address: "10.0.0.9", port: 3_128 };

	it("is that of the service, for clients that know it", () => {
		for (const view of ["envoy", "grpc-proxy", "grpc-tls-proxy"] as const)
			expect(proxies(view, { proxy })).toEqual([proxy, proxy, proxy]);
		for (const view of ["grpc", "grpc-tls"] as const)
			expect(proxies(view, { proxy })).toEqual([undefined, undefined, undefined]);
		expect(proxies("envoy", { proxy: "off" })).toEqual([undefined, undefined, undefined]);
	});

	it("is what its own metadata say, where that is an IP address and port", () => {
		const own = { address: "10.9.9.9", port: 3_128 };
		expect(proxies("envoy", { proxy: { metadata: "via" } })).toEqual([own, undefined, undefined]);
	});
});
