import { isIP } from "node:net";
import type { HostPort } from "../../model/host-port.js";
import { type EnvoyTls, envoyTransportSocket, spireCluster } from "./envoy-tls.js";

export interface EnvoyBootstrapOptions {
	readonly nodeId: string;
	readonly cluster: string;
	/** The replicas of the control plane; each serves the same. */
	readonly servers: readonly HostPort[];
	readonly region?: string;
	readonly zone?: string;
	/** State of the world instead of delta. */
	readonly sotw?: boolean;
	/** Where the proxy takes requests. */
	readonly listen: HostPort;
	/** The port of Envoy's admin interface on 127.0.0.1. */
	readonly adminPort: number;
	/** All requests go to this service; without it, each goes to the service that its Host header names. */
	readonly service?: string;
	/** These clusters are static, and only their endpoints come by xDS; without it, all clusters come by xDS. */
	readonly edsOnly?: readonly string[];
	/** The service whose endpoints are this Envoy and its like: for zone-aware routing by Envoy itself. */
	readonly localCluster?: string;
	/** In clear unless given. */
	readonly tls?: EnvoyTls | undefined;
}

/** The cluster of the control plane. No client may reach it through the proxy, see routeConfig. */
const XDS_CLUSTER = "fingerpost-xds";

const TYPE = "type.googleapis.com/envoy.extensions";

/** Wait for the first answer however long it takes: an Envoy without endpoints would only answer 503, and be ready. */
const FROM_ADS = { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" };

/** A bootstrap that Envoy 1.36 and later starts with as it is. */
export function envoyBootstrap(options: EnvoyBootstrapOptions): object {
	const { nodeId, cluster, region, zone, servers, sotw, listen, adminPort, edsOnly, localCluster, tls } = options;
	// Envoy wants its local cluster among the static ones.
	const named = new Set([...(edsOnly ?? []), ...(localCluster === undefined ? [] : [localCluster])]);
	const locality = { ...(region && { region }), ...(zone && { zone }) };
	return {
		node: { id: nodeId, cluster, ...(Object.keys(locality).length > 0 && { locality }) },
		...(localCluster !== undefined && { cluster_manager: { local_cluster_name: localCluster } }),
		admin: { address: socket({ host: "127.0.0.1", port: adminPort }) },
		dynamic_resources: {
			ads_config: {
				api_type: sotw ? "GRPC" : "DELTA_GRPC",
				transport_api_version: "V3",
				// Else every ACK repeats the node: about 61 kB instead of 100 bytes.
				set_node_on_first_message_only: true,
				grpc_services: [
					{
						envoy_grpc: {
							cluster_name: XDS_CLUSTER,
							// Envoy's own goes up to 30 s.
							retry_policy: { retry_back_off: { base_interval: "0.25s", max_interval: "2s" } },
						},
						...(tls?.token && { initial_metadata: [{ key: "authorization", value: `Bearer ${tls.token}` }] }),
					},
				],
			},
			...(!edsOnly && { cds_config: FROM_ADS }),
		},
		static_resources: {
			listeners: [listener(listen, options.service)],
			clusters: [
				xdsCluster(servers, tls),
				...(tls?.spire === undefined ? [] : [spireCluster(tls.spire)]),
				...[...named].map(edsCluster),
			],
		},
	};
}

function listener(listen: HostPort, service: string | undefined): object {
	return {
		name: "ingress",
		address: socket(listen),
		filter_chains: [
			{
				filters: [
					{
						name: "envoy.filters.network.http_connection_manager",
						typed_config: {
							"@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
							stat_prefix: "ingress",
							// `Host: web:10000`, as a client of this port sends it, means the service `web`.
							strip_matching_host_port: true,
							route_config: routeConfig(service),
							http_filters: [
								{
									name: "envoy.filters.http.router",
									typed_config: { "@type": `${TYPE}.filters.http.router.v3.Router` },
								},
							],
						},
					},
				],
			},
		],
	};
}

function routeConfig(service: string | undefined): object {
	const match = { prefix: "/" };
	const route = {
		...(service === undefined ? { cluster_header: ":authority" } : { cluster: service }),
		// No limit on a whole request, which streams and long calls would hit (Envoy's own is 15 s); one on silence.
		timeout: "0s",
		idle_timeout: "300s",
		// An endpoint that is just gone: the request never reached it, so sending it elsewhere is safe for every method.
		retry_policy: {
			retry_on: "connect-failure,refused-stream",
			num_retries: 5,
			retry_host_predicate: [
				{
					name: "envoy.retry_host_predicates.previous_hosts",
					typed_config: { "@type": `${TYPE}.retry.host.previous_hosts.v3.PreviousHostsPredicate` },
				},
			],
			host_selection_retry_max_attempts: 3,
			// All endpoints of the first priority may be gone, those of this proxy's zone: then others are tried.
			retry_priority: {
				name: "envoy.retry_priorities.previous_priorities",
				typed_config: {
					"@type": `${TYPE}.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig`,
					update_frequency: 2,
				},
			},
		},
	};
	const services = { name: "services", domains: ["*"], routes: [{ match, route }] };
	const hidden = {
		name: "control-plane",
		domains: [XDS_CLUSTER],
		routes: [{ match, direct_response: { status: 404 } }],
	};
	return {
		name: "services",
		// The clusters come later than the routes that name them.
		validate_clusters: false,
		virtual_hosts: service === undefined ? [hidden, services] : [services],
	};
}

function xdsCluster(servers: readonly HostPort[], tls: EnvoyTls | undefined): object {
	const named = servers.some(({ host }) => isIP(host) === 0);
	return {
		name: XDS_CLUSTER,
		type: named ? "STRICT_DNS" : "STATIC",
		connect_timeout: "1s",
		...(tls && { transport_socket: envoyTransportSocket(tls, servers) }),
		typed_extension_protocol_options: {
			"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
				"@type": `${TYPE}.upstreams.http.v3.HttpProtocolOptions`,
				explicit_http_config: {
					// A control plane that died silently is noticed within 15 s.
					http2_protocol_options: { connection_keepalive: { interval: "10s", timeout: "5s" } },
				},
			},
		},
		upstream_connection_options: {
			tcp_keepalive: { keepalive_time: 30, keepalive_interval: 5, keepalive_probes: 3 },
		},
		// A replica that cannot be reached is passed over for a while, so that the next attempt takes another one.
		outlier_detection: {
			split_external_local_origin_errors: true,
			consecutive_local_origin_failure: 1,
			base_ejection_time: "5s",
			max_ejection_time: "30s",
			max_ejection_percent: 100,
		},
		load_assignment: {
			cluster_name: XDS_CLUSTER,
			endpoints: [{ lb_endpoints: servers.map((server) => ({ endpoint: { address: socket(server) } })) }],
		},
	};
}

/** As Fingerpost gives a cluster by CDS, for HTTP/1.1. */
function edsCluster(name: string): object {
	return {
		name,
		type: "EDS",
		connect_timeout: "5s",
		common_lb_config: { healthy_panic_threshold: { value: 0 }, update_merge_window: "0s" },
		circuit_breakers: { thresholds: [{ max_retries: 1024 }] },
		eds_cluster_config: { eds_config: FROM_ADS },
	};
}

function socket({ host, port }: HostPort): object {
	return { socket_address: { address: host, port_value: port } };
}
