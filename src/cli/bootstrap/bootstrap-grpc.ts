import { resolve } from "node:path";
import { SERVER_LISTENER_TEMPLATE } from "../../resources/messages/server-listener-name.js";
import { GRPC_PROVIDERS, SYSTEM_CAS } from "../../resources/messages/upstream-tls-context.js";
import { PROXY_METADATA, UPSTREAM_TLS_METADATA } from "../../resources/view.js";
import type { BootstrapTls } from "./envoy-tls.js";

export interface GrpcBootstrapOptions {
	readonly nodeId: string;
	/**
	 * The replicas of the control plane: the first is used, the next ones where the client knows how to fall back. Each is
	 * HOST:PORT, or http://HOST:PORT: tonic-xds connects by no other form, C++ by no such one.
	 */
	readonly servers: readonly string[];
	readonly region?: string;
	readonly zone?: string;
	/** In clear unless given. */
	readonly tls?: BootstrapTls | undefined;
	/** Whether these servers may say what the `:authority` of calls is (gRFC A81). */
	readonly trusted?: boolean;
	/** Files for TLS to the endpoints of services. No certificate providers unless given. */
	readonly upstreamTls?: BootstrapTls | undefined;
	/** Whether the client knows HTTP proxies to endpoints by xDS (gRFC A86). */
	readonly proxies?: boolean;
}

/** A bootstrap that the gRPC clients of all languages take; it goes into the file that GRPC_XDS_BOOTSTRAP names. */
export function grpcBootstrap(options: GrpcBootstrapOptions): object {
	const { nodeId, servers, region, zone, trusted, tls, upstreamTls, proxies } = options;
	const metadata = {
		...(upstreamTls && { [UPSTREAM_TLS_METADATA]: true }),
		...(proxies && { [PROXY_METADATA]: true }),
	};
	return {
		xds_servers: servers.map((server) => ({
			server_uri: server,
			channel_creds: [tls ? { type: "tls", config: tlsConfig(tls) } : { type: "insecure" }],
			...(tls?.tokenFile !== undefined && { call_creds: [tokenFile(tls.tokenFile)] }),
			// Without ignore_resource_deletion a service that goes away fails its calls at once, and grpc-js never
			// recovers, even when it comes back (G6).
			server_features: ["xds_v3", "ignore_resource_deletion", ...(trusted ? ["trusted_xds_server"] : [])],
		})),
		// grpc-js needs a locality, be it empty (G7).
		node: {
			id: nodeId,
			locality: { ...(region && { region }), ...(zone && { zone }) },
			...((upstreamTls || proxies) && { metadata }),
		},
		...(upstreamTls && { certificate_providers: certificateProviders(upstreamTls) }),
		// gRPC servers that take their config by xDS ask for a Listener of this name.
		server_listener_resource_name_template: SERVER_LISTENER_TEMPLATE,
	};
}

/** Those that services name, be it for their CA or for the client's own certificate (gRFC A29). */
function certificateProviders({ ca = SYSTEM_CAS, ...own }: BootstrapTls): object {
	const provider = (files: BootstrapTls) => ({ plugin_name: "file_watcher", config: tlsConfig(files) });
	return {
		// grpc-java takes no provider without a certificate and key. They are used only where a Cluster names `own` for them.
		[GRPC_PROVIDERS.system]: provider({ ca: SYSTEM_CAS, ...own }),
		[GRPC_PROVIDERS.own]: provider({ ca, ...own }),
	};
}

/** The files are read again after a minute, by all clients that know TLS here (gRFC A65). */
function tlsConfig({ ca, cert, key }: BootstrapTls): object {
	return {
		...(ca !== undefined && { ca_certificate_file: resolve(ca) }),
		...(cert !== undefined && { certificate_file: resolve(cert) }),
		...(key !== undefined && { private_key_file: resolve(key) }),
		refresh_interval: "60s",
	};
}

/** It is read again before the token ends (gRFC A97). */
function tokenFile(file: string): object {
	return { type: "jwt_token_file", config: { jwt_token_file: resolve(file) } };
}
