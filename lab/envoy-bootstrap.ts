/** SotW or delta: the variant of the protocol that the Envoy speaks. */
export type Mode = "sotw" | "delta";

export interface BootstrapOptions {
	readonly mode: Mode;
	/** The xDS ports on 127.0.0.1: one a replica. */
	readonly xds: readonly number[];
	/**
	 * - `ads` (default): every cluster comes by CDS, its endpoints by EDS, both over one ADS stream.
	 * - `cds`: every cluster comes by the service of clusters alone, without ADS.
	 * - the names of static clusters: each asks for its endpoints over a stream of the EDS service, without ADS.
	 */
	readonly clusters?: "ads" | "cds" | readonly string[] | undefined;
	/** Static clusters that ask for their endpoints over ADS, be there such a service or not. */
	readonly staticClusters?: readonly string[] | undefined;
	readonly node?: string;
	/** Where it says that it runs: zone `lab-1` of region `lab` unless given. */
	readonly locality?: { readonly region: string; readonly zone: string } | undefined;
	/** The REST port on 127.0.0.1: clusters and their endpoints are polled there, in place of ADS. */
	readonly rest?: number | undefined;
	/** More of the route by the `x-service` header. */
	readonly route?: object | undefined;
	/** The RouteConfiguration that the listener takes over ADS, in place of the route by header. */
	readonly routes?: string | undefined;
	/** What the Envoy says that it can do, besides what it says by itself. */
	readonly features?: readonly string[] | undefined;
}

const API_TYPE = { sotw: "GRPC", delta: "DELTA_GRPC" } as const;
const HTTP = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const HCM = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";

/** What Fingerpost is told of it by default; the delay is a test's. */
const BY_REST = {
	api_config_source: {
		api_type: "REST",
		transport_api_version: "V3",
		cluster_names: ["fingerpost-rest"],
		refresh_delay: "0.2s",
		request_timeout: "1s",
	},
	resource_api_version: "V3",
};

/**
 * A bootstrap with one listener (`ingress`, on a port that the system picks) that routes by the `x-service` header to
 * the cluster of that name. No retries: a request that fails counts as failed.
 */
export function envoyBootstrap(options: BootstrapOptions): object {
	const { mode, xds, clusters = "ads", staticClusters = [], node = "lab-envoy", rest, features } = options;
	const { route, routes } = options;
	const { locality = { region: "lab", zone: "lab-1" } } = options;
	const source = {
		api_type: API_TYPE[mode],
		transport_api_version: "V3",
		set_node_on_first_message_only: true,
		grpc_services: [
			{
				envoy_grpc: {
					cluster_name: "xds",
					// The default waits up to 30 s before it connects again.
					retry_policy: { retry_back_off: { base_interval: "0.1s", max_interval: "0.5s" } },
				},
			},
		],
	};
	const overAds = { ads: {}, resource_api_version: "V3" };
	const itsOwn = { api_config_source: source, resource_api_version: "V3" };
	const dynamic = clusters === "cds" ? { cds_config: itsOwn } : { ads_config: source, cds_config: overAds };
	const named = typeof clusters === "string" ? undefined : clusters;
	return {
		node: { id: node, cluster: "lab", locality, client_features: features },
		admin: { address: socket(0) },
		...(!named && { dynamic_resources: rest ? { cds_config: BY_REST } : dynamic }),
		static_resources: {
			listeners: [
				ingress(routes === undefined ? inline(route) : { rds: { config_source: overAds, route_config_name: routes } }),
			],
			clusters: [
				xdsCluster(xds),
				...(rest ? [staticCluster("fingerpost-rest", [rest])] : []),
				...staticClusters.map((name) => edsCluster(name, overAds)),
				...(named ?? []).map((name) => edsCluster(name, itsOwn)),
			],
		},
	};
}

function edsCluster(name: string, edsConfig: object): object {
	return {
		name,
		type: "EDS",
		connect_timeout: "1s",
		common_lb_config: { healthy_panic_threshold: { value: 0 }, update_merge_window: "0s" },
		eds_cluster_config: { eds_config: edsConfig },
	};
}

/** @param more of the route. */
function inline(more: object | undefined): object {
	// Without a limit of Envoy's own: a back end that is slow on a busy machine is no failure.
	const route = { match: { prefix: "/" }, route: { cluster_header: "x-service", timeout: "0s", ...more } };
	return { route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [route] }] } };
}

/** @param routing where the routes of its manager are. */
function ingress(routing: object): object {
	return {
		name: "ingress",
		address: socket(0),
		filter_chains: [
			{
				filters: [
					{
						name: "envoy.filters.network.http_connection_manager",
						typed_config: {
							"@type": HCM,
							stat_prefix: "ingress",
							...routing,
							http_filters: [{ name: "envoy.filters.http.router", typed_config: { "@type": ROUTER } }],
						},
					},
				],
			},
		],
	};
}

function xdsCluster(ports: readonly number[]): object {
	return {
		...staticCluster("xds", ports),
		typed_extension_protocol_options: {
			"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
				"@type": HTTP,
				explicit_http_config: {
					http2_protocol_options: { connection_keepalive: { interval: "30s", timeout: "5s" } },
				},
			},
		},
	};
}

function staticCluster(name: string, ports: readonly number[]): object {
	return {
		name,
		type: "STATIC",
		connect_timeout: "1s",
		load_assignment: {
			cluster_name: name,
			endpoints: [{ lb_endpoints: ports.map((port) => ({ endpoint: { address: socket(port) } })) }],
		},
	};
}

function socket(port: number): object {
	return { socket_address: { address: "127.0.0.1", port_value: port } };
}
