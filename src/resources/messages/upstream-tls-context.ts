import { isIP } from "node:net";
import {
	TlsParameters_TlsProtocol as Protocol,
	SubjectAltNameMatcher_SanType,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/common.js";
import { UpstreamTlsContext } from "../../gen/envoy/extensions/transport_sockets/tls/v3/tls.js";
import type { ClientCertificate, EffectiveTls } from "../../model/traffic/upstream-tls.js";
import type { Family } from "../view.js";
import { numberKey } from "../wire-format.js";
import { secretFile, secretSource } from "./config-source.js";

const TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";

/** Of an UpstreamTlsContext; the Envoy API of the package does not have them yet. */
const OWN_NAMES = { autoHostSni: 6, autoSniSanValidation: 7 } as const;

/** Debian's, which Envoy's images have too. */
export const SYSTEM_CAS = "/etc/ssl/certs/ca-certificates.crt";

/** The certificate providers that `bootstrap grpc` names (G13). */
export const GRPC_PROVIDERS = { system: "system", own: "default" } as const;

/** The transport socket of a cluster whose endpoints are connected to by TLS. */
export function tlsTransportSocket(tls: EffectiveTls, family: Family, alpn: readonly string[]) {
	const value = family === "envoy" ? envoyContext(tls, alpn) : grpcContext(tls);
	return { name: "envoy.transport_sockets.tls", typedConfig: { typeUrl: TLS, value } };
}

function envoyContext(tls: EffectiveTls, alpn: readonly string[]): Uint8Array {
	const { ca, sni = "", ownNames, verifiesOwnName, subjectAltNames, clientCertificate } = tls;
	const context = UpstreamTlsContext.encode(
		UpstreamTlsContext.fromPartial({
			sni,
			commonTlsContext: {
				// Envoy's own is 1.2 at most, as a client.
				tlsParams: { tlsMinimumProtocolVersion: Protocol.TLSv1_2, tlsMaximumProtocolVersion: Protocol.TLSv1_3 },
				alpnProtocols: [...alpn],
				validationContext: {
					trustedCa: { filename: ca === "system" ? SYSTEM_CAS : ca },
					matchTypedSubjectAltNames: subjectAltNames.map((name) => ({
						sanType: sanTypeOf(name),
						matcher: { exact: name },
					})),
				},
				tlsCertificateSdsSecretConfigs: clientCertificate ? [secretConfig(clientCertificate)] : [],
			},
		}),
	).finish();
	return Buffer.concat([
		context,
		...(ownNames ? [flag(OWN_NAMES.autoHostSni)] : []),
		...(verifiesOwnName ? [flag(OWN_NAMES.autoSniSanValidation)] : []),
	]);
}

/** gRFC A29: files are the client's own affair, and what else is said of TLS would be rejected. */
function grpcContext({ ca, sni = "", subjectAltNames, clientCertificate }: EffectiveTls): Uint8Array {
	const { system, own } = GRPC_PROVIDERS;
	return UpstreamTlsContext.encode(
		UpstreamTlsContext.fromPartial({
			sni,
			commonTlsContext: {
				validationContext: {
					caCertificateProviderInstance: { instanceName: ca === "system" ? system : own },
					// The only kind that gRPC clients read.
					matchSubjectAltNames: subjectAltNames.map((exact) => ({ exact })),
				},
				...(clientCertificate && { tlsCertificateProviderInstance: { instanceName: own } }),
			},
		}),
	).finish();
}

function secretConfig({ name, cluster, file }: ClientCertificate) {
	if (cluster !== undefined) return { name, sdsConfig: secretSource(cluster) };
	return { name, ...(file !== undefined && { sdsConfig: secretFile(file) }) };
}

function sanTypeOf(name: string): SubjectAltNameMatcher_SanType {
	if (name.includes("://")) return SubjectAltNameMatcher_SanType.URI;
	return isIP(name) === 0 ? SubjectAltNameMatcher_SanType.DNS : SubjectAltNameMatcher_SanType.IP_ADDRESS;
}

function flag(field: number): Uint8Array {
	return new Uint8Array([numberKey(field), 1]);
}
