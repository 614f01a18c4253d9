import { describe, expect, it } from "vitest";
import { PROTOCOLS, type ServiceDefinition } from "../../src/model/service.js";
import type { View } from "../../src/resources/view.js";
import { decodeService } from "./decode.js";

const ADS = { ads: {}, resource_api_version: "V3" };
const VIEWS: readonly View[] = ["envoy", "grpc"];
const TYPE = "type.googleapis.com/envoy";

/** A request that never reached its endpoint is tried elsewhere. */
const RETRY_POLICY = {
	retry_on: "connect-failure,refused-stream",
	num_retries: { value: 5 },
	retry_host_predicate: [
		{
			name: "envoy.retry_host_predicates.previous_hosts",
			typed_config: { "@type": `${TYPE}.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate`, bytes: "" },
		},
	],
	host_selection_retry_max_attempts: 3,
	// Of two endpoints in vain the next is of another priority: update_frequency, field 1.
	retry_priority: {
		name: "envoy.retry_priorities.previous_priorities",
		typed_config: {
			"@type": `${TYPE}.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig`,
			bytes: "0802",
		},
	},
};

function web(parts: Partial<ServiceDefinition> = {}): ServiceDefinition {
	return { name: "shop/web:80", protocol: "http1", connectTimeout: 5_000, targets: [], ...parts };
}

describe("the Cluster (G2)", () => {
	const common = {
		"@type": `${TYPE}.config.cluster.v3.Cluster`,
		name: "shop/web:80",
		type: "EDS",
		eds_cluster_config: { eds_config: ADS, service_name: "shop/web:80" },
	};

	it.each(PROTOCOLS)("of %s for Envoy", (protocol) => {
		const http2 = {
			typed_extension_protocol_options: {
				"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
					"@type": `${TYPE}.extensions.upstreams.http.v3.HttpProtocolOptions`,
					// explicit_http_config {http2_protocol_options {}}: fields 3 and 2, both empty.
					bytes: "1a021200",
				},
			},
		};
		expect(decodeService("cds", "envoy", web({ protocol }))).toEqual({
			...common,
			connect_timeout: { seconds: 5 },
			common_lb_config: { healthy_panic_threshold: {}, update_merge_window: {} },
			// What cannot be reached, and nothing else.
			outlier_detection: {
				split_external_local_origin_errors: true,
				enforcing_consecutive_5xx: {},
				enforcing_success_rate: {},
				enforcing_local_origin_success_rate: {},
				max_ejection_percent: { value: 50 },
			},
			circuit_breakers: { thresholds: [{ max_retries: { value: 1_024 } }] },
			...(protocol === "http1" ? {} : http2),
		});
	});

	it.each(PROTOCOLS)("of %s for gRPC holds no more than gRPC reads, and no load reporting server (R42)", (protocol) => {
		expect(decodeService("cds", "grpc", web({ protocol, connectTimeout: 1 }))).toEqual(common);
	});

	it.each([
		[1, { nanos: 1_000_000 }],
		[1_000, { seconds: 1 }],
		[2_500, { seconds: 2, nanos: 500_000_000 }],
		[2_147_483_647, { seconds: 2_147_483, nanos: 647_000_000 }],
	])("has a connect time-out of %d ms", (connectTimeout, duration) => {
		expect(decodeService("cds", "envoy", web({ connectTimeout })).connect_timeout).toEqual(duration);
	});
});

describe.each(VIEWS)("for the %s view", (view) => {
	it("the Listener is an API listener with routes by RDS and the router with its config (G1)", () => {
		expect(decodeService("lds", view, web())).toEqual({
			"@type": `${TYPE}.config.listener.v3.Listener`,
			name: "shop/web:80",
			api_listener: {
				api_listener: {
					"@type": `${TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
					stat_prefix: "shop/web:80",
					rds: { config_source: ADS, route_config_name: "shop/web:80" },
					http_filters: [
						{
							name: "envoy.filters.http.router",
							typed_config: { "@type": `${TYPE}.extensions.filters.http.router.v3.Router` },
						},
					],
				},
			},
		});
	});

	it("the RouteConfiguration leads everything to the cluster (G1)", () => {
		expect(decodeService("rds", view, web())).toEqual({
			"@type": `${TYPE}.config.route.v3.RouteConfiguration`,
			name: "shop/web:80",
			virtual_hosts: [
				{
					name: "shop/web:80",
					domains: ["*"],
					routes: [
						{
							match: { prefix: "/" },
							route: { cluster: "shop/web:80", ...(view === "envoy" && { retry_policy: RETRY_POLICY }) },
						},
					],
				},
			],
		});
	});

	it("a ClusterLoadAssignment without endpoints has its name only (R20)", () => {
		expect(decodeService("eds", view, web())).toEqual({
			"@type": `${TYPE}.config.endpoint.v3.ClusterLoadAssignment`,
			cluster_name: "shop/web:80",
		});
	});
});

describe("the ClusterLoadAssignment", () => {
	const endpoints = [
		{
			address: "127.0.0.1",
			port: 8081,
			health: "draining",
			weight: 50,
			priority: 0,
			hostname: "b.internal",
			locality: { region: "eu", zone: "eu-1a", subZone: "r1" },
			metadata: { version: "v2", 2: "two" },
		},
		{
			address: "::1",
			port: 8080,
			health: "healthy",
			weight: 100,
			priority: 1,
			locality: { region: "", zone: "", subZone: "" },
		},
	] as const;

	it("for Envoy holds all that is known of an endpoint", () => {
		expect(decodeService("eds", "envoy", web(), endpoints).endpoints).toEqual([
			{
				locality: { region: "eu", zone: "eu-1a", sub_zone: "r1" },
				load_balancing_weight: { value: 50 },
				lb_endpoints: [
					{
						endpoint: {
							address: { socket_address: { address: "127.0.0.1", port_value: 8081 } },
							hostname: "b.internal",
						},
						health_status: "DRAINING",
						load_balancing_weight: { value: 50 },
						metadata: {
							filter_metadata: {
								"envoy.lb": { fields: { 2: { stringValue: "two" }, version: { stringValue: "v2" } } },
							},
						},
					},
				],
			},
			{
				locality: {},
				load_balancing_weight: { value: 100 },
				priority: 1,
				lb_endpoints: [
					{
						endpoint: { address: { socket_address: { address: "::1", port_value: 8080 } } },
						health_status: "HEALTHY",
						load_balancing_weight: { value: 100 },
					},
				],
			},
		]);
	});

	it("for gRPC holds what gRPC uses", () => {
		expect(decodeService("eds", "grpc", web(), endpoints).endpoints).toEqual([
			{
				locality: {},
				load_balancing_weight: { value: 100 },
				lb_endpoints: [
					{
						endpoint: { address: { socket_address: { address: "::1", port_value: 8080 } } },
						health_status: "HEALTHY",
						load_balancing_weight: { value: 100 },
					},
				],
			},
		]);
	});
});
