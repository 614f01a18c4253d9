import { fromBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { HealthCheck, LoadBalancing, Policies } from "../../../src/model/policies/policies.js";
import type { ServiceDefinition } from "../../../src/model/service.js";
import { encodeService } from "../../../src/resources/encode-service.js";
import { descriptorRegistry } from "../../../src/resources/overlay/descriptor-registry.js";
import { policyNotes } from "../../../src/resources/policies/policy-notes.js";
import type { TypeId } from "../../../src/resources/resource-type.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import type { Family } from "../../../src/resources/view.js";

function service(policies: Policies, protocol: ServiceDefinition["protocol"] = "grpc"): ServiceDefinition {
	return { name: "web", protocol, connectTimeout: 5_000, targets: [], policies };
}

/** The resource as its JSON. */
function sent(type: TypeId, family: Family, of: ServiceDefinition) {
	const registry = descriptorRegistry();
	const { url } = resourceType(type);
	const { value } = encodeService(resourceType(type), family, of, []);
	const message = registry.getMessage(url.slice(url.indexOf("/") + 1));
	if (!message) throw new Error(`no message ${url}`);
	// biome-ignore lint/suspicious/noExplicitAny: it is looked into.
	return toJson(message, fromBinary(message, value), { registry }) as any;
}

/** What a cluster with the policies has that one without does not. */
function added(family: Family, policies: Policies, protocol?: ServiceDefinition["protocol"]): Record<string, unknown> {
	const plain = sent("cds", family, service({}, protocol));
	const cluster = Object.entries(sent("cds", family, service(policies, protocol)));
	return Object.fromEntries(cluster.filter(([key, value]) => JSON.stringify(plain[key]) !== JSON.stringify(value)));
}

const route = (family: Family, policies: Policies) =>
	sent("rds", family, service(policies)).virtualHosts[0].routes[0].route;

const CHECK = { interval: 1_000, timeout: 2_000, healthyThreshold: 3, unhealthyThreshold: 4 };
const CHECKED = {
	...{ interval: "1s", noTrafficInterval: "1s", timeout: "2s" },
	...{ healthyThreshold: 3, unhealthyThreshold: 4 },
};

const named = (name: string, type: string, config: object = {}) => ({
	typedExtensionConfig: {
		name: `envoy.load_balancing_policies.${name}`,
		typedConfig: { "@type": `type.googleapis.com/envoy.extensions.load_balancing_policies.${type}`, ...config },
	},
});
const inLocalities = (policy: object) => ({
	loadBalancingPolicy: {
		policies: [
			named("wrr_locality", "wrr_locality.v3.WrrLocality", {
				endpointPickingPolicy: { policies: [policy, named("round_robin", "round_robin.v3.RoundRobin")] },
			}),
		],
	},
});
const BY_LOAD = "client_side_weighted_round_robin";
const byLoad = (config: object) => named(BY_LOAD, `${BY_LOAD}.v3.ClientSideWeightedRoundRobin`, config);
/** As older Envoys can print it, too. */
const byLoadInLocalities = (config: object) => ({
	typedExtensionConfig: {
		name: "envoy.load_balancing_policies.wrr_locality",
		typedConfig: {
			"@type": "type.googleapis.com/xds.type.v3.TypedStruct",
			typeUrl: "type.googleapis.com/envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality",
			value: { endpointPickingPolicy: { policies: [byLoad(config)] } },
		},
	},
});

describe("what a policy of load balancing becomes", () => {
	const common = { healthyPanicThreshold: {}, updateMergeWindow: "0s" };

	it.each<{ of: LoadBalancing; envoy: object; grpc: object }>([
		{ of: { policy: "round_robin" }, envoy: {}, grpc: {} },
		{
			of: { policy: "round_robin", slowStart: { window: 30_000 } },
			envoy: { roundRobinLbConfig: { slowStartConfig: { slowStartWindow: "30s" } } },
			grpc: {},
		},
		{
			of: { policy: "least_request" },
			envoy: { lbPolicy: "LEAST_REQUEST", leastRequestLbConfig: {} },
			grpc: inLocalities(named("least_request", "least_request.v3.LeastRequest")),
		},
		{
			of: {
				...{ policy: "least_request", choiceCount: 3 },
				slowStart: { window: 500, aggression: 1.5, minWeightPercent: 20 },
			},
			envoy: {
				lbPolicy: "LEAST_REQUEST",
				leastRequestLbConfig: {
					choiceCount: 3,
					slowStartConfig: {
						slowStartWindow: "0.500s",
						aggression: { defaultValue: 1.5, runtimeKey: "fingerpost.slow_start" },
						minWeightPercent: { value: 20 },
					},
				},
			},
			grpc: inLocalities(named("least_request", "least_request.v3.LeastRequest", { choiceCount: 3 })),
		},
		{
			of: { policy: "random" },
			envoy: { lbPolicy: "RANDOM", commonLbConfig: { ...common, localityWeightedLbConfig: {} } },
			grpc: {},
		},
		{
			of: { policy: "ring_hash", ringSize: { minimum: 10, maximum: 9_000_000 } },
			envoy: { lbPolicy: "RING_HASH", ringHashLbConfig: { minimumRingSize: "10", maximumRingSize: "8388608" } },
			grpc: { lbPolicy: "RING_HASH", ringHashLbConfig: { minimumRingSize: "10", maximumRingSize: "8388608" } },
		},
		{
			of: { policy: "ring_hash", ringSize: { maximum: 8_388_607 } },
			envoy: { lbPolicy: "RING_HASH", ringHashLbConfig: { maximumRingSize: "8388607" } },
			grpc: { lbPolicy: "RING_HASH", ringHashLbConfig: { maximumRingSize: "8388607" } },
		},
		{ of: { policy: "maglev" }, envoy: { lbPolicy: "MAGLEV" }, grpc: { lbPolicy: "RING_HASH", ringHashLbConfig: {} } },
		{
			of: { policy: "maglev", tableSize: 101, hashBalanceFactor: 150 },
			envoy: {
				...{ lbPolicy: "MAGLEV", maglevLbConfig: { tableSize: "101" } },
				commonLbConfig: { ...common, consistentHashingLbConfig: { hashBalanceFactor: 150 } },
			},
			grpc: { lbPolicy: "RING_HASH", ringHashLbConfig: {} },
		},
		...[
			{ of: {}, config: {}, written: {} },
			{
				of: {
					...{ oobReportingPeriod: 1_000, blackoutPeriod: 2_000, weightExpirationPeriod: 3_000 },
					...{ weightUpdatePeriod: 4_050, errorUtilizationPenalty: 0.5 },
				},
				config: {
					...{ enableOobLoadReport: true, oobReportingPeriod: "1s", blackoutPeriod: "2s" },
					...{ weightExpirationPeriod: "3s", weightUpdatePeriod: "4.050s", errorUtilizationPenalty: 0.5 },
				},
				written: { oobReportingPeriod: "1.000s", blackoutPeriod: "2.000s", weightExpirationPeriod: "3.000s" },
			},
		].map(({ of, config, written }) => ({
			of: { policy: BY_LOAD, ...of } as const,
			envoy: {
				loadBalancingPolicy: {
					policies: [
						byLoadInLocalities({ ...config, ...written }),
						byLoad(config),
						named("round_robin", "round_robin.v3.RoundRobin"),
					],
				},
			},
			grpc: inLocalities(byLoad(config)),
		})),
	])("$of", ({ of, envoy, grpc }) => {
		expect(added("envoy", { loadBalancing: of })).toEqual(envoy);
		expect(added("grpc", { loadBalancing: of })).toEqual(grpc);
	});
});

describe("what Envoys are told of a cluster, and gRPC clients are not", () => {
	it.each<{ what: string; check: Partial<HealthCheck>; protocol: ServiceDefinition["protocol"]; is: object }>([
		{
			what: "requests of HTTP/1.1, with the service's name",
			check: { http: { path: "/up" } },
			protocol: "http1",
			is: { httpHealthCheck: { host: "web", path: "/up" } },
		},
		{
			what: "requests of HTTP/2, with a host and statuses",
			check: { http: { path: "/up", host: "a", expectedStatuses: [[200, 204]] } },
			protocol: "http2",
			is: {
				httpHealthCheck: {
					...{ host: "a", path: "/up", codecClientType: "HTTP2" },
					expectedStatuses: [{ start: "200", end: "205" }],
				},
			},
		},
		{ what: "calls of gRPC", check: { grpc: {} }, protocol: "grpc", is: { grpcHealthCheck: {} } },
		{
			what: "calls of gRPC of a service and an authority",
			check: { grpc: { serviceName: "s", authority: "a" } },
			protocol: "grpc",
			is: { grpcHealthCheck: { serviceName: "s", authority: "a" } },
		},
		{ what: "connections", check: { tcp: {} }, protocol: "http1", is: { tcpHealthCheck: {} } },
	])("are checks by $what", ({ check, protocol, is }) => {
		const policies = { healthChecks: [{ ...CHECK, ...check }] };
		expect(added("envoy", policies, protocol)).toEqual({
			...{ healthChecks: [{ ...CHECKED, ...is }], ignoreHealthOnHostRemoval: true },
		});
		expect(added("grpc", policies, protocol)).toEqual({});
	});

	it("are subsets: all endpoints are for a request that names none, and each value of a list counts", () => {
		expect(added("envoy", { subsets: [["a"], ["a", "b"]] })).toEqual({
			lbSubsetConfig: {
				fallbackPolicy: "ANY_ENDPOINT",
				subsetSelectors: [{ keys: ["a"] }, { keys: ["a", "b"] }],
				listAsAny: true,
			},
		});
		expect(added("grpc", { subsets: [["a"]] })).toEqual({});
	});

	it("are circuit breakers, but for the requests at a time", () => {
		const circuitBreakers = { maxConnections: 1, maxPendingRequests: 2, maxRequests: undefined, maxRetries: 4 };
		expect(added("envoy", { circuitBreakers })).toEqual({
			circuitBreakers: { thresholds: [{ maxConnections: 1, maxPendingRequests: 2, maxRetries: 4 }] },
		});
		expect(added("grpc", { circuitBreakers })).toEqual({});
		expect(added("grpc", { circuitBreakers: { maxRequests: 0 } })).toEqual({
			circuitBreakers: { thresholds: [{ maxRequests: 0 }] },
		});
	});
});

describe("what outlier detection becomes", () => {
	const GRPC = {
		...{ interval: "2s", maxEjectionPercent: 50, enforcingSuccessRate: 100, successRateMinimumHosts: 5 },
		...{ successRateRequestVolume: 100, successRateStdevFactor: 1_900, failurePercentageThreshold: 85 },
		...{ enforcingFailurePercentage: 100, failurePercentageMinimumHosts: 2, failurePercentageRequestVolume: 5 },
	};
	const ENVOY = { maxEjectionPercent: 67, splitExternalLocalOriginErrors: true };

	it.each<{ of: Exclude<Policies["outlierDetection"], "off" | undefined>; envoy: object; grpc: object }>([
		{ of: {}, envoy: {}, grpc: {} },
		{ of: { interval: undefined }, envoy: {}, grpc: {} },
		{
			of: { consecutive5xx: 0, maxEjectionTime: 1_000, failurePercentageMinimumHosts: 0 },
			envoy: { consecutive5xx: 0, maxEjectionTime: "1s", failurePercentageMinimumHosts: 0 },
			grpc: { maxEjectionTime: "1s", failurePercentageMinimumHosts: 1, failurePercentageRequestVolume: 1 },
		},
		{
			of: { successRateMinimumHosts: 1, failurePercentageMinimumHosts: 3, maxEjectionTimeJitter: 20 },
			envoy: { successRateMinimumHosts: 1, failurePercentageMinimumHosts: 3, maxEjectionTimeJitter: "0.020s" },
			grpc: { successRateMinimumHosts: 1, failurePercentageMinimumHosts: 3 },
		},
	])("$of", ({ of, envoy, grpc }) => {
		expect(added("envoy", { outlierDetection: of })).toEqual({ outlierDetection: { ...ENVOY, ...envoy } });
		expect(added("grpc", { outlierDetection: of })).toEqual({ outlierDetection: { ...GRPC, ...grpc } });
	});
});

describe("what a route has", () => {
	const PREVIOUS = "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate";
	const PRIORITIES = "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig";
	const envoyRetries = (retryOn: string, numRetries: number) => ({
		...{ retryOn: `connect-failure,refused-stream${retryOn}`, numRetries, hostSelectionRetryMaxAttempts: "3" },
		retryHostPredicate: [
			{
				name: "envoy.retry_host_predicates.previous_hosts",
				typedConfig: { "@type": `type.googleapis.com/${PREVIOUS}` },
			},
		],
		retryPriority: {
			name: "envoy.retry_priorities.previous_priorities",
			typedConfig: { "@type": `type.googleapis.com/${PRIORITIES}`, updateFrequency: 2 },
		},
	});

	it("is, where nothing is said, five more tries at other endpoints of what never reached one, for Envoys alone", () => {
		expect(route("envoy", {})).toEqual({ cluster: "web", retryPolicy: envoyRetries("", 5) });
		expect(route("grpc", {})).toEqual({ cluster: "web" });
	});

	it("is more tries of what is unavailable, where only their number is said", () => {
		expect(route("envoy", { retries: { attempts: 3 } }).retryPolicy).toEqual(envoyRetries(",unavailable", 3));
		expect(route("grpc", { retries: { attempts: 3 } }).retryPolicy).toEqual({ retryOn: "unavailable", numRetries: 3 });
	});

	it("is the time between tries, up to ten times as long unless said", () => {
		const backOff = (base: number, max?: number) => {
			const retries = { attempts: 1, on: ["cancelled"], backOff: { base, ...(max && { max }) } } as const;
			return [route("envoy", { retries }), route("grpc", { retries })].map((each) => each.retryPolicy.retryBackOff);
		};
		expect(backOff(6, 7)).toEqual(Array(2).fill({ baseInterval: "0.006s", maxInterval: "0.007s" }));
		expect(backOff(25)).toEqual(Array(2).fill({ baseInterval: "0.025s", maxInterval: "0.250s" }));
		expect(backOff(0, 0)).toEqual(["0.001s", "0.005s"].map((ms) => ({ baseInterval: ms, maxInterval: ms })));
	});

	it("is a host rewritten, and a time limit from 1 ms on", () => {
		const policies = { hostRewrite: "auto", timeout: 1, retries: { attempts: 0 } } as const;
		expect(route("envoy", policies)).toEqual({ cluster: "web", autoHostRewrite: true, timeout: "0.001s" });
		expect(route("grpc", policies)).toEqual({
			...{ cluster: "web", autoHostRewrite: true, maxStreamDuration: { maxStreamDuration: "0.001s" } },
		});
	});

	it("is what an Envoy hashes, and a gRPC client only where it hashes at all", () => {
		const hashes = (loadBalancing: LoadBalancing) =>
			[route("envoy", { loadBalancing }), route("grpc", { loadBalancing })].map((each) => each.hashPolicy);
		expect(hashes({ policy: "maglev", hashOn: [{ queryParameter: "q" }, { cookie: "c" }] })).toEqual([
			[{ queryParameter: { name: "q" }, terminal: true }, { cookie: { name: "c" } }],
			undefined,
		]);
		const header = [{ header: { headerName: "h" } }];
		expect(hashes({ policy: "round_robin", hashOn: [{ header: "h" }] })).toEqual([header, undefined]);
		expect(hashes({ policy: "maglev", hashOn: [{ header: "h" }] })).toEqual([header, header]);
		expect(hashes({ policy: "maglev" })).toEqual([undefined, undefined]);
	});
});

describe("what gRPC clients are noted not to get", () => {
	const notes = (policies: Policies) =>
		policyNotes(service(policies)).map(({ text }) => /get ([^:]*):/.exec(text)?.[1]);

	it.each<{ policies: Policies; keys: string[] }>([
		{
			policies: { loadBalancing: { policy: "random", slowStart: { window: 1 } } },
			keys: ["policy random", "slowStart"],
		},
		{ policies: { loadBalancing: { policy: "ring_hash", hashOn: [{ cookie: "a" }, { header: "h" }] } }, keys: [] },
		{ policies: { loadBalancing: { policy: "ring_hash", hashOn: [] } }, keys: [] },
		{ policies: { loadBalancing: { policy: "ring_hash", hashOn: [{ queryParameter: "q" }] } }, keys: ["hashOn"] },
	])("of $policies are $keys", ({ policies, keys }) => {
		expect(notes(policies)).toEqual(keys.map((key) => `loadBalancing.${key}`));
	});

	it.each<{ policies: Policies; keys: string[] }>([
		{ policies: { outlierDetection: "off" }, keys: [] },
		{ policies: { outlierDetection: { consecutive5xx: 1 } }, keys: [] },
		{ policies: { outlierDetection: { consecutiveGatewayFailure: 1 } }, keys: ["outlierDetection"] },
		{ policies: { healthChecks: [], subsets: [] }, keys: [] },
		{ policies: { retries: { attempts: 1 } }, keys: [] },
		{ policies: { retries: { attempts: 0, on: ["5xx"] } }, keys: [] },
		{ policies: { circuitBreakers: { maxRequests: 1, maxRetries: 1 } }, keys: ["circuitBreakers"] },
	])("of $policies are $keys", ({ policies, keys }) => {
		expect(notes(policies)).toEqual(keys);
	});

	it("are none of a service that does not speak gRPC, or has no policies", () => {
		expect(policyNotes(service({ subsets: [["a"]] }, "http2"))).toEqual([]);
		const { policies: _, ...plain } = service({});
		expect(policyNotes(plain)).toEqual([]);
	});
});
