import { beforeEach, describe, expect, it } from "vitest";
import { Cache, type EncodeService } from "../../src/cache/cache.js";
import type { ResourceProblem } from "../../src/cache/resource-problem.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { EncodedResource } from "../../src/resources/encoded-resource.js";
import { MAX_RESPONSE_BYTES } from "../../src/resources/response-size.js";
import { at, serviceState } from "../catalog/fake-provider.js";

const MIB = 1024 * 1024;

let services: Map<string, ServiceState>;
let cache: Cache;
let told: ResourceProblem[];
/** What a resource has of bytes, of each service. */
let bytes: Map<string, number>;
let known: unknown[];

const encode: EncodeService = (type, _view, { name }, endpoints, options) => {
	known.push(options?.known?.endpoints);
	const value = new Uint8Array(bytes.get(name) ?? 10).fill(endpoints.length);
	return new EncodedResource(type.url, name, value);
};

/** The service changes, and its resource has this size from now on. */
function change(name: string, size: number, endpoints = 1): void {
	bytes.set(name, size);
	services.set(name, serviceState(name, { endpoints: Array.from({ length: endpoints }, (_, i) => at(i)) }));
	cache.update([name], 0);
}

beforeEach(() => {
	services = new Map();
	bytes = new Map();
	told = [];
	known = [];
	const source = { get: (name: string) => services.get(name), services: () => services.values() };
	cache = new Cache(source, encode, (problem) => told.push(problem));
});

describe("a resource that is too large for gRPC clients", () => {
	it("is one of more than a response may have, and no byte less", () => {
		const set = cache.acquire("eds", "grpc");
		change("a", MAX_RESPONSE_BYTES);
		expect([set.get("a")?.value.byteLength, told]).toEqual([MAX_RESPONSE_BYTES, []]);
		change("b", MAX_RESPONSE_BYTES + 1);
		expect([set.get("b"), set.isAwaited("b"), set.isOverdue("b"), told.length]).toEqual([undefined, true, true, 1]);
		expect([cache.count("eds"), cache.count("cds")]).toEqual([1, 0]);
	});

	it("is served to Envoys all the same", () => {
		const set = cache.acquire("eds", "envoy");
		change("a", 9 * MIB);
		expect([set.get("a")?.value.byteLength, told, [...cache.problems()]]).toEqual([9 * MIB, [], []]);
	});

	it("is told once, with its size and the limit, and stands among the problems with the time of the first", () => {
		cache.acquire("eds", "grpc");
		change("a", 6 * MIB);
		const [problem] = [...cache.problems()];
		expect(problem).toMatchObject({ name: "a", type: "eds", family: "grpc", reason: "tooLarge" });
		expect(problem?.message).toContain("it has 6.0 MiB, and gRPC clients receive no more than 4 MiB at a time");
		expect(told).toEqual([problem]);
		change("a", 7 * MIB, 2);
		const [later, ...more] = [...cache.problems()];
		expect([later?.since === problem?.since, more, told.length]).toEqual([true, [], 1]);
		expect(later?.message).toContain("7.0 MiB");
	});

	it("leaves clients what they have, until it is small enough; then it is told anew", () => {
		const set = cache.acquire("eds", "grpc");
		change("a", 10);
		const before = set.get("a");
		change("a", 6 * MIB, 2);
		expect([set.get("a") === before, set.isAwaited("a")]).toEqual([true, false]);
		change("a", 20, 3);
		expect([set.get("a")?.value.byteLength, [...cache.problems()]]).toEqual([20, []]);
		change("a", 6 * MIB, 4);
		expect(told).toHaveLength(2);
	});

	it("is not encoded again while nothing of it changes", () => {
		cache.acquire("eds", "grpc");
		change("a", 6 * MIB);
		const calls = known.length;
		const state = services.get("a") as ServiceState;
		services.set("a", { ...state, notes: ["mended"] });
		cache.update(["a"], 0);
		expect([known.length, told.length]).toEqual([calls, 1]);
	});

	it("is no problem any more once its service is gone, and is told anew when that comes back", () => {
		const set = cache.acquire("eds", "grpc");
		change("a", 6 * MIB);
		services.delete("a");
		cache.update(["a"], 0);
		expect([[...cache.problems()], set.isAwaited("a")]).toEqual([[], false]);
		change("a", 6 * MIB);
		expect(told).toHaveLength(2);
	});
});

describe("a resource that cannot be encoded", () => {
	beforeEach(() => {
		cache = new Cache(
			{ get: (name: string) => services.get(name), services: () => services.values() },
			(type, view, definition, endpoints, options) => {
				if (bytes.get(definition.name) === -1) throw new RangeError("invalid float32: 1e+39");
				return encode(type, view, definition, endpoints, options);
			},
			(problem) => told.push(problem),
		);
	});

	it("is a problem of its own, told once, and the others are served", () => {
		for (const [name, size] of Object.entries({ a: -1, b: 10 })) change(name, size);
		const set = cache.acquire("eds", "envoy");
		expect([set.get("a"), set.isAwaited("a"), set.get("b")?.name]).toEqual([undefined, true, "b"]);
		change("a", -1, 2);
		const [problem, ...more] = [...cache.problems()];
		expect(problem).toMatchObject({ name: "a", type: "eds", family: "envoy", reason: "withheld" });
		expect(problem?.message).toContain("it cannot be encoded: invalid float32: 1e+39");
		expect([more, told.length]).toEqual([[], 1]);
		change("a", 10, 3);
		expect([set.get("a")?.name, [...cache.problems()]]).toEqual(["a", []]);
	});

	it("leaves clients what they have", () => {
		const set = cache.acquire("eds", "envoy");
		change("a", 10);
		const before = set.get("a");
		change("a", -1, 2);
		expect([set.get("a") === before, set.isAwaited("a"), told.length]).toEqual([true, false, 1]);
	});

	it("is no problem any more once its service is again what it was", () => {
		cache.acquire("eds", "envoy");
		change("a", 10);
		const before = services.get("a") as ServiceState;
		change("a", -1, 2);
		expect([...cache.problems()]).toHaveLength(1);
		bytes.set("a", 10);
		services.set("a", before);
		cache.update(["a"], 0);
		expect([...cache.problems()]).toEqual([]);
	});
});

describe("the cache", () => {
	it("encodes with what was encoded of the service before, unless that was too large", () => {
		cache.acquire("eds", "grpc");
		change("a", 10);
		const { endpoints } = services.get("a") as ServiceState;
		change("a", 6 * MIB, 2);
		change("a", 20, 3);
		expect(known).toEqual([undefined, endpoints, undefined]);
	});

	it("encodes a service that comes back as one that it has never seen", () => {
		cache.acquire("eds", "grpc");
		change("a", 10);
		services.delete("a");
		cache.update(["a"], 0);
		change("a", 20, 2);
		expect(known).toEqual([undefined, undefined]);
	});

	it("says nothing of views that no client uses any more", () => {
		cache.acquire("eds", "grpc");
		change("a", 6 * MIB);
		cache.release("eds", "grpc");
		change("b", 10);
		expect([...cache.problems()]).toEqual([]);
	});
});
