import { isIP } from "node:net";
import { dirname, join, resolve } from "node:path";
import type { HostPort } from "../../model/host-port.js";

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
	/** What the token's file holds: Envoy does not read it itself. */
	readonly token?: string;
}

const TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3";
const SYSTEM_CAS = "/etc/ssl/certs/ca-certificates.crt";

/** The files of secrets, by their names. */
export type SecretFiles = Readonly<Record<string, object>>;

/** The transport socket of the control plane's cluster. */
export function envoyTransportSocket(tls: EnvoyTls, servers: readonly HostPort[]): object {
	const { cert, serverName, secrets } = tls;
	const names = serverName === undefined ? servers.map(({ host }) => host) : [serverName];
	const sni = names.find((name) => isIP(name) === 0 && !name.includes("://"));
	const sans = { match_typed_subject_alt_names: [...new Set(names)].map(subjectAltName) };
	const follow = (name: string, file: string) => ({
		name,
		sds_config: { path_config_source: { path: join(resolve(file), `${name}.yaml`) }, resource_api_version: "V3" },
	});
	const validation = secrets
		? {
				combined_validation_context: {
					default_validation_context: sans,
					validation_context_sds_secret_config: follow("ca", secrets),
				},
			}
		: { validation_context: { ...trustedCa(tls), ...sans } };
	const certificate = secrets
		? { tls_certificate_sds_secret_configs: [follow("client", secrets)] }
		: { tls_certificates: [certificateOf(tls)] };
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
				...(cert !== undefined && certificate),
			},
		},
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
