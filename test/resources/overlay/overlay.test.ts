import { fromBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { MessageJson, Overlay } from "../../../src/model/policies/policies.js";
import type { ServiceDefinition } from "../../../src/model/service.js";
import { encodeService } from "../../../src/resources/encode-service.js";
import { descriptorRegistry } from "../../../src/resources/overlay/descriptor-registry.js";
import { mergeOverlay } from "../../../src/resources/overlay/merge-overlay.js";
import { overlaidMessage } from "../../../src/resources/overlay/overlaid.js";
import { readOverlay } from "../../../src/resources/overlay/read-overlay.js";
import { resourceType } from "../../../src/resources/resource-types.js";

const TYPE = "type.googleapis.com/envoy.extensions";
const HTTP = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

function service(parts: Partial<ServiceDefinition>): ServiceDefinition {
	return { name: "web", protocol: "http1", connectTimeout: 5_000, targets: [], ...parts };
}

function read(part: keyof Overlay, written: object): MessageJson {
	const { value, findings } = readOverlay(part, written);
	expect(findings).toBeUndefined();
	return value as MessageJson;
}

/** The cluster that Envoys get, as JSON. */
function clusterWith(written: object, parts: Partial<ServiceDefinition> = {}): Record<string, unknown> {
	const policies = { ...parts.policies, envoy: { cluster: read("cluster", written) } };
	return clusterOf(service({ ...parts, policies }));
}

function clusterOf(definition: ServiceDefinition): Record<string, unknown> {
	const { value } = encodeService(resourceType("cds"), "envoy", definition, []);
	const registry = descriptorRegistry();
	return toJson(overlaidMessage("cluster"), fromBinary(overlaidMessage("cluster"), value), { registry }) as never;
}

describe("an overlay of the cluster", () => {
	it("adds fields, in the names of JSON and of the proto, and leaves the others", () => {
		const { connectTimeout, commonLbConfig, ...rest } = clusterWith({
			connect_timeout: "1.5s",
			commonLbConfig: { healthyPanicThreshold: { value: 20 } },
			perConnectionBufferLimitBytes: 1024,
			dns_lookup_family: "V4_ONLY",
		});
		expect(connectTimeout).toBe("1.500s");
		expect(commonLbConfig).toEqual({ healthyPanicThreshold: { value: 20 }, updateMergeWindow: "0s" });
		const { connectTimeout: _, commonLbConfig: __, ...before } = clusterOf(service({}));
		expect(rest).toEqual({ ...before, perConnectionBufferLimitBytes: 1024, dnsLookupFamily: "V4_ONLY" });
	});

	it("replaces a list, and takes away what is null", () => {
		const policies = { circuitBreakers: { maxRequests: 5 }, healthChecks: [] };
		const written = { circuitBreakers: { thresholds: [{ maxRetries: 9 }] }, outlierDetection: null };
		const cluster = clusterWith(written, { policies });
		expect(cluster.circuitBreakers).toEqual({ thresholds: [{ maxRetries: 9 }] });
		expect(cluster).not.toHaveProperty("outlierDetection");
	});

	it("with a policy of its own leaves out what else says how endpoints are chosen", () => {
		const policies = { loadBalancing: { policy: "random" }, subsets: [["a"]], timeout: 5 } as const;
		const loadBalancingPolicy = { policies: [{ typedExtensionConfig: { name: "x" } }] };
		const cluster = clusterWith({ loadBalancingPolicy }, { policies });
		expect(cluster).toEqual({ ...clusterOf(service({})), loadBalancingPolicy });
		expect(clusterWith({ loadBalancingPolicy: null }, { policies })).toMatchObject({ lbPolicy: "RANDOM" });
	});

	it("takes one of two that exclude each other away, in either order", () => {
		const policies = { loadBalancing: { policy: "ring_hash" } } as const;
		for (const written of [
			{ leastRequestLbConfig: {}, ringHashLbConfig: null },
			{ ringHashLbConfig: null, leastRequestLbConfig: {} },
			{ least_request_lb_config: {}, round_robin_lb_config: null },
		]) {
			const cluster = clusterWith(written, { policies });
			expect(cluster).toMatchObject({ leastRequestLbConfig: {} });
			expect(cluster).not.toHaveProperty("ringHashLbConfig");
		}
	});

	it("takes away an entry of a map, and does without one that is not there", () => {
		const cluster = clusterWith({ typedExtensionProtocolOptions: { [HTTP]: null } }, { protocol: "grpc" });
		expect(cluster).not.toHaveProperty("typedExtensionProtocolOptions");
		const { metadata, lbPolicy } = clusterWith({
			metadata: { filterMetadata: { a: null, b: { x: 1 } }, typedFilterMetadata: { c: null } },
			lbPolicy: "RANDOM",
		});
		expect([metadata, lbPolicy]).toEqual([{ filterMetadata: { b: { x: 1 } } }, "RANDOM"]);
	});

	it("sets a flag back, which a zero of protobuf could not", () => {
		const { outlierDetection } = clusterWith({ outlierDetection: { splitExternalLocalOriginErrors: false } });
		expect(outlierDetection).not.toHaveProperty("splitExternalLocalOriginErrors");
		expect(outlierDetection).toMatchObject({ maxEjectionPercent: 50 });
	});

	it("is merged within an Any of the same type, and keeps there what the program itself has no field for", () => {
		const tls = { ca: "/ca.pem", subjectAltNames: undefined, sni: undefined };
		const hosts = ["a.internal", "b.internal"].map((host) => ({
			target: { scheme: "https", authority: host, path: "", query: "", text: `https://${host}` },
			priority: 0,
		}));
		const definition = service({ tls: { ca: tls.ca }, targets: hosts as never });
		const typedConfig = {
			"@type": `${TYPE}.transport_sockets.tls.v3.UpstreamTlsContext`,
			commonTlsContext: { tlsParams: { cipherSuites: ["ECDHE-ECDSA-AES128-GCM-SHA256"] } },
		};
		const envoy = { cluster: read("cluster", { transportSocket: { typedConfig } }) };
		const { value } = encodeService(resourceType("cds"), "envoy", { ...definition, policies: { envoy } }, []);
		// auto_host_sni and auto_sni_san_validation, numbers 6 and 7.
		expect(Buffer.from(value).includes(Buffer.from([6 << 3, 1, 7 << 3, 1]))).toBe(true);
		const { transportSocket } = clusterOf({ ...definition, policies: { envoy } });
		expect(transportSocket).toMatchObject({
			name: "envoy.transport_sockets.tls",
			typedConfig: {
				commonTlsContext: {
					tlsParams: { cipherSuites: ["ECDHE-ECDSA-AES128-GCM-SHA256"], tlsMaximumProtocolVersion: "TLSv1_3" },
					validationContext: { trustedCa: { filename: "/ca.pem" } },
				},
			},
		});
	});

	it("is merged within an entry of a map", () => {
		const options = { "@type": `type.googleapis.com/${HTTP}`, commonHttpProtocolOptions: { idleTimeout: "5s" } };
		const cluster = clusterWith({ typedExtensionProtocolOptions: { [HTTP]: options } }, { protocol: "grpc" });
		expect(cluster.typedExtensionProtocolOptions).toMatchObject({
			[HTTP]: { commonHttpProtocolOptions: { idleTimeout: "5s" }, explicitHttpConfig: { http2ProtocolOptions: {} } },
		});
	});

	it("adds an entry to a map, and puts an Any in place of one of another type", () => {
		const options = (type: string, rest: object) => ({ "@type": `type.googleapis.com/${type}`, ...rest });
		const limits = { perConnectionBufferLimitBytes: 5 };
		const of = (written: object, protocol: "http1" | "grpc") =>
			clusterWith({ typedExtensionProtocolOptions: { [HTTP]: written } }, { protocol }).typedExtensionProtocolOptions;
		const http = options(HTTP, { commonHttpProtocolOptions: { idleTimeout: "5s" } });
		expect(of(http, "http1")).toEqual({ [HTTP]: http });
		const other = options("envoy.config.cluster.v3.Cluster", limits);
		expect(of(other, "grpc")).toEqual({ [HTTP]: other });
		for (const [type, value] of [
			["Struct", { a: [1] }],
			["StringValue", "a"],
			["Any", options("google.protobuf.Duration", { value: "5s" })],
		] as const) {
			const own = options(`google.protobuf.${type}`, { value });
			expect(of(own, "grpc")).toEqual({ [HTTP]: own });
		}
	});

	it("gives the same version in whatever order its keys are written", () => {
		const version = (cluster: object) => {
			const envoy = { cluster: read("cluster", cluster) };
			return encodeService(resourceType("cds"), "envoy", service({ policies: { envoy } }), []).version;
		};
		const metadata = { a: { x: 1 }, b: { y: true } };
		const other = { b: { y: true }, a: { x: 1 } };
		expect(version({ metadata: { filterMetadata: metadata }, lbPolicy: "RANDOM" })).toBe(
			version({ lb_policy: 3, metadata: { filter_metadata: other } }),
		);
	});

	it("is nothing to gRPC clients", () => {
		const envoy = { cluster: read("cluster", { lbPolicy: "MAGLEV" }), assignment: read("assignment", { policy: {} }) };
		for (const type of ["cds", "eds", "lds", "rds"] as const) {
			const bytes = (policies: object) => encodeService(resourceType(type), "grpc", service({ policies }), []).version;
			expect(bytes({ envoy })).toBe(bytes({}));
		}
	});
});

it("an overlay that another version of the program has read changes nothing where it does not fit", () => {
	const bytes = Buffer.from([]);
	expect(mergeOverlay("assignment", { noSuchField: 1 }, bytes)).toBe(bytes);
	expect(mergeOverlay("assignment", { policy: 1, noSuchField: null }, bytes)).toBe(bytes);
});

it("what came of an overlay is kept for equal messages, of 256 at most", () => {
	const overlay = read("assignment", { policy: { overprovisioning_factor: 200 } });
	// The cluster's name, of one letter.
	const of = (letter: number) =>
		mergeOverlay("assignment", overlay, Buffer.from([10, 2, 0xc4 + (letter >> 6), 0x80 + (letter & 63)]));
	const first = of(0);
	expect(of(0)).toBe(first);
	for (let i = 1; i < 256; i++) of(i);
	expect(of(0)).toBe(first);
	of(256);
	expect(of(0)).not.toBe(first);
	expect(of(0)).toEqual(first);
});

it("an overlay of the assignment stands beside the endpoints", () => {
	const envoy = { assignment: read("assignment", { policy: { overprovisioning_factor: 200 } }) };
	const { value } = encodeService(resourceType("eds"), "envoy", service({ policies: { envoy } }), []);
	const message = overlaidMessage("assignment");
	expect(toJson(message, fromBinary(message, value))).toEqual({
		clusterName: "web",
		policy: { overprovisioningFactor: 200 },
	});
});

describe("an overlay is refused", () => {
	it.each<[string, keyof Overlay, unknown, string, string]>([
		["that is no message", "cluster", 5, "", "expected keys of envoy.config.cluster.v3.Cluster, not the number 5"],
		["with an unknown field", "cluster", { lbPolcy: 1 }, "lbPolcy", 'has no field "lbPolcy"; did you mean "lbPolicy"?'],
		["with the name", "cluster", { name: "x" }, "name", "is Fingerpost's own and cannot be overridden"],
		["with the source of endpoints", "cluster", { eds_cluster_config: {} }, "eds_cluster_config", "Fingerpost's own"],
		["with another type", "cluster", { type: "STATIC" }, "type", "Fingerpost's own"],
		["with endpoints", "assignment", { endpoints: [] }, "endpoints", "Fingerpost's own"],
		["with the cluster's name", "assignment", { cluster_name: "x" }, "cluster_name", "Fingerpost's own"],
		["with a word that is none", "cluster", { lbPolicy: "BEST" }, "lbPolicy", "expected one of ROUND_ROBIN"],
		["with another duration", "cluster", { connectTimeout: "5m" }, "connectTimeout", 'a duration such as "1.5s"'],
		[
			"with a number below 0",
			"cluster",
			{ maxRequestsPerConnection: -1 },
			"maxRequestsPerConnection",
			"a whole number from 0",
		],
		["with a text for a list", "cluster", { healthChecks: "x" }, "healthChecks", "expected a list"],
		[
			"with a list for a map",
			"cluster",
			{ typedExtensionProtocolOptions: [] },
			"typedExtensionProtocolOptions",
			"keys with values",
		],
		["with a field twice", "cluster", { lb_policy: 1, lbPolicy: 1 }, "lb_policy", "is given twice"],
		[
			"with two of which one can be",
			"cluster",
			{ ringHashLbConfig: {}, maglevLbConfig: {} },
			"ringHashLbConfig",
			"excludes maglevLbConfig",
		],
		[
			"deep within a list",
			"cluster",
			{ healthChecks: [{}, { timeot: "1s" }] },
			"healthChecks.1.timeot",
			'did you mean "timeout"?',
		],
		[
			"with an Any without a type",
			"cluster",
			{ transportSocket: { typedConfig: {} } },
			"transportSocket.typedConfig",
			'"@type"',
		],
		[
			"with an Any of an unknown type",
			"cluster",
			{ transportSocket: { typedConfig: { "@type": `${TYPE}.transport_sockets.tls.v3.UpstreamTlsContex` } } },
			"transportSocket.typedConfig.@type",
			'did you mean "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"?',
		],
		[
			"with an unknown field within an Any",
			"cluster",
			{
				transportSocket: { typedConfig: { "@type": `${TYPE}.transport_sockets.tls.v3.UpstreamTlsContext`, snii: "x" } },
			},
			"transportSocket.typedConfig.snii",
			'did you mean "sni"?',
		],
		[
			"with an Any that is no message",
			"cluster",
			{ transportSocket: { typedConfig: "x" } },
			"transportSocket.typedConfig",
			'expected a message with its "@type", not',
		],
		[
			"with an Any of a text that is none",
			"cluster",
			{ transportSocket: { typedConfig: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: 5 } } },
			"transportSocket.typedConfig.value",
			"expected a text, not the number 5",
		],
		[
			"with an Any within an Any that is none",
			"cluster",
			{ transportSocket: { typedConfig: { "@type": "type.googleapis.com/google.protobuf.Any", value: 5 } } },
			"transportSocket.typedConfig.value",
			"expected another message, not the number 5",
		],
		[
			"that takes an entry of a map away within a list, which is replaced",
			"cluster",
			{
				transportSocketMatches: [
					{
						transportSocket: {
							typedConfig: {
								"@type": "type.googleapis.com/envoy.config.core.v3.Metadata",
								filterMetadata: { a: null, b: {} },
							},
						},
					},
				],
			},
			"transportSocketMatches.0.transportSocket.typedConfig.filterMetadata.a",
			"expected keys with values",
		],
	])("%s", (_, part, written, path, message) => {
		const { findings = [] } = readOverlay(part, written);
		expect(findings.map((each) => each.path.join("."))).toEqual([path]);
		expect(findings[0]?.message).toContain(message);
	});
});
