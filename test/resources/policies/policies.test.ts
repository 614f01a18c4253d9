import { fromBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { endpoint } from "../../../src/model/endpoint.js";
import { LB_POLICIES, type LoadBalancing, type Policies } from "../../../src/model/policies/policies.js";
import type { ServiceDefinition } from "../../../src/model/service.js";
import { splitsByZone } from "../../../src/model/zones/zone-settings.js";
import { encodeService } from "../../../src/resources/encode-service.js";
import { descriptorRegistry } from "../../../src/resources/overlay/descriptor-registry.js";
import { policyNotes } from "../../../src/resources/policies/policy-notes.js";
import type { TypeId } from "../../../src/resources/resource-type.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import type { Family } from "../../../src/resources/view.js";

function service(policies: Policies, parts: Partial<ServiceDefinition> = {}): ServiceDefinition {
	return { name: "web", protocol: "grpc", connectTimeout: 5_000, targets: [], policies, ...parts };
}

function sent(type: TypeId, family: Family, policies: Policies, endpoints: Parameters<typeof endpoint>[0][] = []) {
	const { url } = resourceType(type);
	const { value } = encodeService(resourceType(type), family, service(policies), endpoints.map(endpoint));
	const registry = descriptorRegistry();
	const message = registry.getMessage(url.slice(url.indexOf("/") + 1));
	if (!message) throw new Error(`no message ${url}`);
	// biome-ignore lint/suspicious/noExplicitAny: it is looked into.
	return toJson(message, fromBinary(message, value), { registry }) as any;
}

function cluster(family: Family, loadBalancing: Partial<LoadBalancing>) {
	return sent("cds", family, { loadBalancing: { policy: "round_robin", ...loadBalancing } });
}

function route(family: Family, policies: Policies) {
	return sent("rds", family, policies).virtualHosts[0].routes[0].route;
}

const policiesOf = (policy: { policies: { typedExtensionConfig: { name: string } }[] }) =>
	policy.policies.map((each) => each.typedExtensionConfig.name.replace("envoy.load_balancing_policies.", ""));

describe("loadBalancing", () => {
	it.each([
		["round_robin", undefined],
		["least_request", "LEAST_REQUEST"],
		["random", "RANDOM"],
		["ring_hash", "RING_HASH"],
		["maglev", "MAGLEV"],
		["client_side_weighted_round_robin", undefined],
	] as const)("%s is Envoy's own", (policy, lbPolicy) => {
		expect(cluster("envoy", { policy }).lbPolicy).toBe(lbPolicy);
	});

	it("of weights by load is a list that ends with what every Envoy knows", () => {
		const { loadBalancingPolicy } = cluster("envoy", {
			policy: "client_side_weighted_round_robin",
			oobReportingPeriod: 5_000,
			blackoutPeriod: 0,
		});
		expect(policiesOf(loadBalancingPolicy)).toEqual(["client_side_weighted_round_robin", "round_robin"]);
		expect(loadBalancingPolicy.policies[0].typedExtensionConfig.typedConfig).toMatchObject({
			enableOobLoadReport: true,
			oobReportingPeriod: "5s",
			blackoutPeriod: "0s",
		});
	});

	it.each(["least_request", "client_side_weighted_round_robin"] as const)(
		"%s of gRPC clients is chosen in localities, else round_robin",
		(policy) => {
			const { loadBalancingPolicy, lbPolicy } = cluster("grpc", { policy });
			expect(lbPolicy).toBeUndefined();
			expect(policiesOf(loadBalancingPolicy)).toEqual(["wrr_locality"]);
			const { endpointPickingPolicy } = loadBalancingPolicy.policies[0].typedExtensionConfig.typedConfig;
			expect(policiesOf(endpointPickingPolicy)).toEqual([policy, "round_robin"]);
		},
	);

	it.each(["ring_hash", "maglev"] as const)("%s of gRPC clients is a ring", (policy) => {
		const ring = cluster("grpc", { policy, ringSize: { minimum: 100 }, hashBalanceFactor: 120 });
		expect(ring).toMatchObject({ lbPolicy: "RING_HASH", ringHashLbConfig: { minimumRingSize: "100" } });
		expect(ring).not.toHaveProperty("commonLbConfig");
	});

	it("random of gRPC clients is round robin", () => {
		expect(cluster("grpc", { policy: "random" })).toEqual(sent("cds", "grpc", {}));
	});

	it("keeps panic and merge window beside the balance of a ring", () => {
		expect(cluster("envoy", { policy: "ring_hash", hashBalanceFactor: 120 }).commonLbConfig).toEqual({
			healthyPanicThreshold: {},
			updateMergeWindow: "0s",
			consistentHashingLbConfig: { hashBalanceFactor: 120 },
		});
	});

	it("hashes what each family knows, in order, the first that a request has", () => {
		const hashOn = [{ cookie: "user", ttl: 0 }, { header: "x-user" }, { sourceIp: true }];
		const loadBalancing = { policy: "ring_hash", hashOn } as const;
		expect(route("envoy", { loadBalancing }).hashPolicy).toEqual([
			{ cookie: { name: "user", ttl: "0s", path: "/" }, terminal: true },
			{ header: { headerName: "x-user" }, terminal: true },
			{ connectionProperties: { sourceIp: true } },
		]);
		expect(route("grpc", { loadBalancing }).hashPolicy).toEqual([
			{ header: { headerName: "x-user" }, terminal: true },
			{ filterState: { key: "io.grpc.channel_id" } },
		]);
	});

	it("sends gRPC clients that hash each endpoint's own weight, in one locality of a priority", () => {
		const at = (address: string, zone: string, weight: number, priority = 0) => ({
			...{ address, port: 80, weight, priority, locality: { region: "", zone, subZone: "" } },
		});
		const endpoints = [
			at("10.0.0.1", "a", 50),
			at("10.0.0.2", "a", 150),
			at("10.0.0.3", "b", 200),
			at("10.0.0.4", "b", 1, 1),
		];
		const weights = (policies: Policies) =>
			sent("eds", "grpc", policies, endpoints).endpoints.map(
				(each: {
					locality: { zone?: string; subZone?: string };
					loadBalancingWeight: number;
					lbEndpoints: { loadBalancingWeight: number }[];
				}) => [each.locality.zone ?? "", each.loadBalancingWeight, each.lbEndpoints.map((e) => e.loadBalancingWeight)],
			);
		expect(weights({ loadBalancing: { policy: "ring_hash" } })).toEqual([
			["", 400, [50, 150, 200]],
			["b", 1, [1]],
		]);
		// Split, the locality says it all.
		expect(weights({})).toEqual([
			["a", 50, [1]],
			["a", 150, [1]],
			["b", 200, [200]],
			["b", 1, [1]],
		]);
	});
});

describe("outlierDetection", () => {
	const of = (family: Family, outlierDetection?: Policies["outlierDetection"]) =>
		sent("cds", family, outlierDetection === undefined ? {} : { outlierDetection }).outlierDetection;

	it("is of what cannot be reached unless given, for Envoys alone", () => {
		expect(of("envoy")).toMatchObject({ enforcingConsecutive5xx: 0, maxEjectionPercent: 50 });
		expect(of("grpc")).toBeUndefined();
	});

	it("off is none", () => {
		expect(of("envoy", "off")).toBeUndefined();
		expect(of("grpc", "off")).toBeUndefined();
	});

	it("of errors in a row is a part of the calls for gRPC clients, unless that is said", () => {
		const written = { consecutive5xx: 3, baseEjectionTime: 5_000 };
		expect(of("envoy", written)).toEqual({
			splitExternalLocalOriginErrors: true,
			maxEjectionPercent: 67,
			consecutive5xx: 3,
			baseEjectionTime: "5s",
		});
		expect(of("grpc", written)).toEqual({
			interval: "2s",
			baseEjectionTime: "5s",
			maxEjectionPercent: 50,
			// All that grpc-js would otherwise miss.
			successRateMinimumHosts: 5,
			successRateRequestVolume: 100,
			successRateStdevFactor: 1_900,
			enforcingSuccessRate: 100,
			failurePercentageThreshold: 85,
			enforcingFailurePercentage: 100,
			failurePercentageMinimumHosts: 2,
			failurePercentageRequestVolume: 3,
		});
		expect(of("grpc", { enforcingFailurePercentage: 0, interval: 7_000 })).toMatchObject({
			interval: "7s",
			enforcingFailurePercentage: 0,
		});
		expect(of("grpc", { successRateMinimumHosts: 0 })).toMatchObject({ successRateMinimumHosts: 1 });
		expect(of("grpc", { enforcingConsecutive5xx: 0 })).toMatchObject({ enforcingFailurePercentage: 0 });
	});
});

describe("timeout and retries", () => {
	it("are of the route, for each family in its way", () => {
		const policies: Policies = {
			timeout: 1_500,
			retries: { attempts: 9, on: ["5xx", "unavailable", 503], perTryTimeout: 200, backOff: { base: 10 } },
		};
		expect(route("envoy", policies)).toMatchObject({
			timeout: "1.500s",
			retryPolicy: {
				retryOn: "connect-failure,refused-stream,5xx,unavailable,retriable-status-codes",
				numRetries: 9,
				retriableStatusCodes: [503],
				perTryTimeout: "0.200s",
				retryBackOff: { baseInterval: "0.010s", maxInterval: "0.100s" },
			},
		});
		expect(route("grpc", policies)).toEqual({
			cluster: "web",
			maxStreamDuration: { maxStreamDuration: "1.500s" },
			retryPolicy: {
				retryOn: "unavailable",
				numRetries: 4,
				retryBackOff: { baseInterval: "0.010s", maxInterval: "0.100s" },
			},
		});
	});

	it("go to another priority after two tries, with as many under way as requests may be", () => {
		const { retryPolicy } = route("envoy", {});
		expect(retryPolicy).toMatchObject({ retryOn: "connect-failure,refused-stream", numRetries: 5 });
		expect(retryPolicy.retryPriority).toMatchObject({ name: "envoy.retry_priorities.previous_priorities" });
		expect(sent("cds", "envoy", {}).circuitBreakers).toEqual({ thresholds: [{ maxRetries: 1_024 }] });
		expect(sent("cds", "envoy", { circuitBreakers: { maxRequests: 5 } }).circuitBreakers).toEqual({
			thresholds: [{ maxRequests: 5, maxRetries: 1_024 }],
		});
		expect(sent("cds", "grpc", {})).not.toHaveProperty("circuitBreakers");
	});

	it("of 0 are no limit and no retry", () => {
		const policies: Policies = { timeout: 0, retries: { attempts: 0 } };
		expect(route("envoy", policies)).toEqual({ cluster: "web", timeout: "0s" });
		expect(route("grpc", policies)).toEqual({ cluster: "web" });
	});

	it("of 1 ms between two tries is none that C-core bears", () => {
		const retries = { attempts: 1, backOff: { base: 1, max: 2 } };
		const backOff = { baseInterval: "0.005s", maxInterval: "0.005s" };
		expect(route("grpc", { retries }).retryPolicy.retryBackOff).toEqual(backOff);
		expect(route("envoy", { retries }).retryPolicy.retryBackOff).toEqual({
			baseInterval: "0.001s",
			maxInterval: "0.002s",
		});
	});

	it("that gRPC clients know nothing of are none for them: a policy without conditions would be rejected", () => {
		expect(route("grpc", { retries: { attempts: 2, on: ["5xx"] } })).toEqual({ cluster: "web" });
	});
});

it("circuit breakers, checks and subsets are Envoy's, and of the first gRPC clients have one", () => {
	const policies: Policies = {
		circuitBreakers: { maxRequests: 5, maxRetries: 2 },
		healthChecks: [
			{
				http: { path: "/up", expectedStatuses: [[200, 299]] },
				interval: 2_000,
				timeout: 500,
				healthyThreshold: 1,
				unhealthyThreshold: 3,
			},
		],
		subsets: [["version"], ["version", "stage"]],
	};
	expect(sent("cds", "envoy", policies)).toMatchObject({
		circuitBreakers: { thresholds: [{ maxRequests: 5, maxRetries: 2 }] },
		healthChecks: [
			{
				interval: "2s",
				noTrafficInterval: "2s",
				timeout: "0.500s",
				httpHealthCheck: {
					host: "web",
					path: "/up",
					codecClientType: "HTTP2",
					expectedStatuses: [{ start: "200", end: "300" }],
				},
			},
		],
		ignoreHealthOnHostRemoval: true,
		lbSubsetConfig: {
			fallbackPolicy: "ANY_ENDPOINT",
			subsetSelectors: [{ keys: ["version"] }, { keys: ["version", "stage"] }],
		},
	});
	const { circuitBreakers, ...rest } = sent("cds", "grpc", policies);
	expect(circuitBreakers).toEqual({ thresholds: [{ maxRequests: 5 }] });
	expect(rest).toEqual(sent("cds", "grpc", {}));
});

describe("notes", () => {
	it("tell what gRPC clients do not get, of services that speak gRPC", () => {
		const policies: Policies = {
			loadBalancing: { policy: "maglev", hashOn: [{ cookie: "a" }], hashBalanceFactor: 120 },
			healthChecks: [{ tcp: {}, interval: 1, timeout: 1, healthyThreshold: 1, unhealthyThreshold: 1 }],
			circuitBreakers: { maxRetries: 1 },
			subsets: [["a"]],
			retries: { attempts: 1, on: ["5xx"], perTryTimeout: 1 },
			envoy: {},
		};
		const keys = policyNotes(service(policies)).map((note) => /get ([^:]*):/.exec(note)?.[1]);
		expect(keys).toEqual([
			"loadBalancing.policy maglev",
			"loadBalancing.hashBalanceFactor",
			"loadBalancing.hashOn",
			"healthChecks",
			"circuitBreakers",
			"subsets",
			"retries.on",
			"retries.perTryTimeout",
			"envoy",
		]);
		expect(policyNotes(service(policies, { protocol: "http1" }))).toEqual([]);
		expect(policyNotes(service({ timeout: 5, circuitBreakers: { maxRequests: 1 } }))).toEqual([]);
	});
});

it("what is hashed is not split by zones", () => {
	expect(splitsByZone(service({}))).toBe(true);
	expect(splitsByZone(service({ loadBalancing: { policy: "least_request" } }))).toBe(true);
	for (const policy of ["ring_hash", "maglev"] as const)
		expect(splitsByZone(service({ loadBalancing: { policy } }))).toBe(false);
});

it("every policy of the config has a word in both families", () => {
	for (const policy of LB_POLICIES) for (const family of ["envoy", "grpc"] as const) cluster(family, { policy });
});
