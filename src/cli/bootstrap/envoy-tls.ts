import { isIP } from "node:net";
import { dirname, join, resolve } from "node:path";
import type { HostPort } from "../../model/host-port.js";
import { SYSTEM_CAS } from "../../resources/messages/upstream-tls-context.js";

/** How a client connects to the control plane by TLS: PEM files on its machine. */
export interface BootstrapTls {
	/** The CA of the control plane's certificate; the system's unless given. */
	readonly ca?: string;
	/** The client's own certificate and its key. */
	readonly cert?: string;
	readonly key?: string;
	/** A file with a token that the client brings with its calls. */
	readonly tokenFile?: string;
}

export interface EnvoyTls extends BootstrapTls {
	/** The name in the control plane's certificate, or its SPIFFE ID; the host of each server unless given. */
	readonly serverName?: string;
	/** The folder of the secrets' files: Envoy then follows the certificates. Without it, it reads them once. */
	readonly secrets?: string;
	/** The socket of SPIRE's agent: it has the CAs and the client's certificate, in place of all files. */
	readonly spire?: string;
	/** What the token's file holds: Envoy does not read it itself. */
	readonly token?: string;
}

/** The cluster of SPIRE's agent, as its documentation calls it. */
export const SPIRE_CLUSTER = "spire_agent";
/** What SPIRE's agent calls the workload's own certificate, and the CAs of its trust domain. */
const SPIRE_SECRETS = { certificate: "default", cas: "ROOTCA" } as const;

const TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3";

/** The files of secrets, by their names. */
export type SecretFiles = Readonly<Record<string, object>>;

/** The transport socket of the control plane's cluster. */
export function envoyTransportSocket(tls: EnvoyTls, servers: readonly HostPort[]): object {
	const { cert, serverName, spire } = tls;
	const names = serverName === undefined ? servers.map(({ host }) => host) : [serverName];
	const sni = names.find((name) => isIP(name) === 0 && !name.includes("://"));
	const sans = { match_typed_subject_alt_names: [...new Set(names)].map(subjectAltName) };
	const [cas, own] = secretConfigs(tls) ?? [];
	const validation = cas
		? {
				combined_validation_context: {
					default_validation_context: sans,
					validation_context_sds_secret_config: cas,
				},
			}
		: { validation_context: { ...trustedCa(tls), ...sans } };
	const certificate = own ? { tls_certificate_sds_secret_configs: [own] } : { tls_certificates: [certificateOf(tls)] };
	return {
		name: "envoy.transport_sockets.tls",
		typed_config: {
			"@type": `${TLS}.UpstreamTlsContext`,
			...(sni !== undefined && { sni }),
			common_tls_context: {
				// Envoy's own is 1.2 at most, as a client.
				tls_params: { tls_minimum_protocol_version: "TLSv1_2", tls_maximum_protocol_version: "TLSv1_3" },
				alpn_protocols: ["h2"],
				...validation,
				...((cert ?? spire) !== undefined && certificate),
			},
		},
	};
}

/** Where Envoy gets the CAs and its own certificate, if it follows them. */
function secretConfigs({ secrets, spire }: EnvoyTls): readonly [object, object] | undefined {
	const config = (name: string, from: object) => ({ name, sds_config: { ...from, resource_api_version: "V3" } });
	if (spire !== undefined) {
		const source = {
			api_config_source: {
				api_type: "GRPC",
				transport_api_version: "V3",
				grpc_services: [{ envoy_grpc: { cluster_name: SPIRE_CLUSTER } }],
			},
		};
		return [config(SPIRE_SECRETS.cas, source), config(SPIRE_SECRETS.certificate, source)];
	}
	if (secrets === undefined) return undefined;
	const file = (name: string) => ({ path_config_source: { path: join(resolve(secrets), `${name}.yaml`) } });
	return [config("ca", file("ca")), config("client", file("client"))];
}

/** The cluster by which Envoy asks SPIRE's agent. */
export function spireCluster(socket: string): object {
	const address = { pipe: { path: resolve(socket) } };
	return {
		name: SPIRE_CLUSTER,
		type: "STATIC",
		connect_timeout: "1s",
		typed_extension_protocol_options: {
			"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
				"@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
				explicit_http_config: { http2_protocol_options: {} },
			},
		},
		load_assignment: { cluster_name: SPIRE_CLUSTER, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
	};
}

/** The files that envoyTransportSocket() refers to where it is given a folder: Envoy follows what they name. */
export function secretFiles(tls: EnvoyTls): SecretFiles {
	const file = (name: string, secret: object) => ({
		[`${name}.yaml`]: { resources: [{ "@type": `${TLS}.Secret`, name, ...secret }] },
	});
	const { ca = SYSTEM_CAS, cert } = tls;
	return {
		...file("ca", { validation_context: { ...trustedCa(tls), ...watched(ca) } }),
		...(cert !== undefined && file("client", { tls_certificate: { ...certificateOf(tls), ...watched(cert) } })),
	};
}

function trustedCa({ ca = SYSTEM_CAS }: EnvoyTls): object {
	return { trusted_ca: { filename: resolve(ca) } };
}

function certificateOf({ cert = "", key = "" }: EnvoyTls): object {
	return { certificate_chain: { filename: resolve(cert) }, private_key: { filename: resolve(key) } };
}

/** A rename in the folder, or the swap of a link in it, has Envoy read the files anew. */
function watched(file: string): object {
	return { watched_directory: { path: dirname(resolve(file)) } };
}

function subjectAltName(name: string): object {
	const type = name.includes("://") ? "URI" : isIP(name) === 0 ? "DNS" : "IP_ADDRESS";
	return { san_type: type, matcher: { exact: name } };
}
