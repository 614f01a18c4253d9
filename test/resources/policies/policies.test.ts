import { type DescMessage, fromBinary, fromJson, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { Cluster, Cluster_SlowStartConfig } from "../../../src/gen/envoy/config/cluster/v3/cluster.js";
import { TypedStruct } from "../../../src/gen/xds/type/v3/typed_struct.js";
import { type Endpoint, endpoint } from "../../../src/model/endpoint.js";
import { LB_POLICIES, type LoadBalancing, type Policies } from "../../../src/model/policies/policies.js";
import type { ServiceDefinition } from "../../../src/model/service.js";
import { splitsByZone } from "../../../src/model/zones/zone-settings.js";
import { encodeService } from "../../../src/resources/encode-service.js";
import { descriptorRegistry } from "../../../src/resources/overlay/descriptor-registry.js";
import { policyNotes } from "../../../src/resources/policies/policy-notes.js";
import { sameEndpointPolicies } from "../../../src/resources/policies/proxies.js";
import type { TypeId } from "../../../src/resources/resource-type.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import type { Family, View } from "../../../src/resources/view.js";

function service(policies: Policies, parts: Partial<ServiceDefinition> = {}): ServiceDefinition {
	return { name: "web", protocol: "grpc", connectTimeout: 5_000, targets: [], policies, ...parts };
}

function sent(
	type: TypeId,
	view: View,
	policies: Policies,
	parts: Partial<ServiceDefinition> = {},
	endpoints: readonly Endpoint[] = [],
) {
	const { url } = resourceType(type);
	const { value } = encodeService(resourceType(type), view, service(policies, parts), endpoints);
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
		const name = "client_side_weighted_round_robin";
		expect(policiesOf(loadBalancingPolicy)).toEqual(["wrr_locality", name, "round_robin"]);
		const [inLocalities, plain] = loadBalancingPolicy.policies.map(
			(each: { typedExtensionConfig: { typedConfig: object } }) => each.typedExtensionConfig.typedConfig,
		);
		expect(plain).toMatchObject({ enableOobLoadReport: true, oobReportingPeriod: "5s", blackoutPeriod: "0s" });
		// As a struct, which reads as the message itself.
		expect(inLocalities["@type"]).toBe("type.googleapis.com/xds.type.v3.TypedStruct");
		const registry = descriptorRegistry();
		const message = registry.getMessage(inLocalities.typeUrl.slice("type.googleapis.com/".length)) as DescMessage;
		const read = toJson(message, fromJson(message, inLocalities.value, { registry }), { registry });
		const typedConfig = plain;
		expect(read).toEqual({
			endpointPickingPolicy: {
				policies: [{ typedExtensionConfig: { name: `envoy.load_balancing_policies.${name}`, typedConfig } }],
			},
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
			sent("eds", "grpc", policies, {}, endpoints.map(endpoint)).endpoints.map(
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

it("slowStart of weights by load is in its policy, where gRFC A100 has it", () => {
	const { loadBalancingPolicy } = cluster("envoy", {
		policy: "client_side_weighted_round_robin",
		slowStart: { window: 30_000, minWeightPercent: 20 },
	});
	const policies: Policies = {
		loadBalancing: {
			policy: "client_side_weighted_round_robin",
			slowStart: { window: 30_000, minWeightPercent: 20 },
		},
	};
	const { value } = encodeService(resourceType("cds"), "envoy", service(policies), []);
	const [inLocalities, alone] = Cluster.decode(value).loadBalancingPolicy?.policies ?? [];
	const bytes = alone?.typedExtensionConfig?.typedConfig?.value ?? new Uint8Array();
	expect(policiesOf(loadBalancingPolicy).slice(0, 2)).toEqual(["wrr_locality", "client_side_weighted_round_robin"]);
	const struct = TypedStruct.decode(inLocalities?.typedExtensionConfig?.typedConfig?.value ?? new Uint8Array());
	expect(JSON.stringify(struct.value)).toContain(
		'"slowStartConfig":{"slowStartWindow":"30.000s","minWeightPercent":{"value":20}}',
	);
	// The descriptors do not have the field yet.
	const field = bytes.subarray(bytes.lastIndexOf((8 << 3) | 2));
	expect(field.length).toBe(2 + (field[1] ?? 0));
	expect(Cluster_SlowStartConfig.decode(field.subarray(2))).toMatchObject({
		slowStartWindow: { seconds: 30 },
		minWeightPercent: { value: 20 },
	});
});

describe("proxy", () => {
	const policies: Policies = { proxy: { address: "10.0.0.9", port: 3_128 } };
	const http1 = { protocol: "http1" } as const;
	const tls = { tls: { ca: "system", sni: "web.internal" } };
	const WRAPPER = "envoy.transport_sockets.http_11_proxy";

	it("wraps how clients connect, of those that know it", () => {
		const inner = (view: View, parts: Partial<ServiceDefinition>) => {
			const { name, typedConfig } = sent("cds", view, policies, parts).transportSocket;
			expect(name).toBe(WRAPPER);
			return typedConfig.transportSocket?.name;
		};
		expect(inner("envoy", tls)).toBe("envoy.transport_sockets.tls");
		expect(inner("grpc-proxy", {})).toBeUndefined();
		expect(inner("grpc-tls-proxy", tls)).toBe("envoy.transport_sockets.tls");
	});

	it("is left out where a client would reject it or could not connect", () => {
		expect(sent("cds", "grpc", policies)).not.toHaveProperty("transportSocket");
		expect(sent("cds", "grpc-tls", policies, tls).transportSocket.name).toBe("envoy.transport_sockets.tls");
		expect(sent("cds", "envoy", policies)).not.toHaveProperty("transportSocket");
		expect(sent("cds", "envoy", { proxy: "off" }, tls).transportSocket.name).toBe("envoy.transport_sockets.tls");
	});

	it("is of an Envoy's endpoints only where it asks for a tunnel", () => {
		const endpoints = [endpoint({ address: "10.0.0.1", port: 1 })];
		const isSent = (view: View, said: Policies, parts: Partial<ServiceDefinition>) =>
			JSON.stringify(sent("eds", view, said, parts, endpoints)).includes("10.0.0.9");
		const overlay = (type: string): Policies => ({
			...policies,
			envoy: { cluster: { transportSocket: { typedConfig: { "@type": `type.googleapis.com/${type}` } } } },
		});
		expect(isSent("envoy", policies, http1)).toBe(false);
		expect(isSent("envoy", policies, tls)).toBe(true);
		expect(isSent("grpc-proxy", policies, {})).toBe(true);
		expect(isSent("envoy", overlay("x.Http11ProxyUpstreamTransport"), http1)).toBe(true);
		expect(isSent("envoy", overlay("x.UpstreamTlsContext"), tls)).toBe(false);
		const [clear, secure] = [service(policies), service(policies, tls)];
		expect(sameEndpointPolicies(clear, secure)).toBe(false);
		expect(sameEndpointPolicies(clear, service(policies, http1))).toBe(true);
		expect(sameEndpointPolicies(service({}), service({}, tls))).toBe(true);
	});

	it("is noted where clients do not get it", () => {
		const texts = (parts: Partial<ServiceDefinition>) => policyNotes(service(policies, parts)).map(({ text }) => text);
		const [ofGrpc, ofEnvoys] = [/^gRPC clients do not get proxy: /, /^Envoys do not get proxy: /];
		expect(texts({})).toEqual([expect.stringMatching(ofGrpc), expect.stringMatching(ofEnvoys)]);
		expect(texts(tls)).toEqual([expect.stringMatching(ofGrpc)]);
		expect(texts(http1)).toEqual([expect.stringMatching(ofEnvoys)]);
		expect(texts({ ...http1, ...tls })).toEqual([]);
	});
});

describe("gcpAudience", () => {
	const policies: Policies = { gcpAudience: "https://web.example" };
	const key = "envoy.filters.http.gcp_authn";
	const filters = (said: Policies) =>
		sent("lds", "grpc", said).apiListener.apiListener.httpFilters.map((each: { name: string }) => each.name);

	it("stands in the cluster's metadata, for Envoys and gRPC clients", () => {
		for (const view of ["envoy", "grpc-tls"] as const)
			expect(sent("cds", view, policies).metadata).toEqual({
				typedFilterMetadata: {
					[key]: {
						"@type": "type.googleapis.com/envoy.extensions.filters.http.gcp_authn.v3.Audience",
						url: "https://web.example",
					},
				},
			});
		expect(sent("cds", "envoy", { gcpAudience: "off" })).not.toHaveProperty("metadata");
	});

	it("gives gRPC clients the filter, which they may leave out", () => {
		expect(filters(policies)).toEqual([key, "envoy.filters.http.router"]);
		expect(filters({})).toEqual(["envoy.filters.http.router"]);
		expect(sent("lds", "grpc", policies).apiListener.apiListener.httpFilters[0]).toMatchObject({ isOptional: true });
	});
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
		const keys = policyNotes(service(policies)).map(({ text }) => /get ([^:]*):/.exec(text)?.[1]);
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
		expect(policyNotes(service(policies)).map(({ key }) => key)).toEqual(keys.map((each) => each?.split(/[. ]/)[0]));
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
