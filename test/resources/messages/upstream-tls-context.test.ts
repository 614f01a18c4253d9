import { describe, expect, it } from "vitest";
import { Cluster } from "../../../src/gen/envoy/config/cluster/v3/cluster.js";
import {
	SubjectAltNameMatcher_SanType as SanType,
	TlsParameters_TlsProtocol as Tls,
} from "../../../src/gen/envoy/extensions/transport_sockets/tls/v3/common.js";
import { UpstreamTlsContext } from "../../../src/gen/envoy/extensions/transport_sockets/tls/v3/tls.js";
import { parseTarget } from "../../../src/model/target.js";
import type { UpstreamTls } from "../../../src/model/traffic/upstream-tls.js";
import { clusterWithheld, encodeCluster } from "../../../src/resources/messages/cluster.js";
import { ADS } from "../../../src/resources/messages/config-source.js";
import type { View } from "../../../src/resources/view.js";

function service(tls: UpstreamTls | undefined, protocol: "http1" | "grpc", targets: readonly string[] = []) {
	const written = targets.map((text) => ({ target: parseTarget(text), priority: 0 }));
	return { name: "web", protocol, connectTimeout: 1_000, targets: written, tls };
}

function contextOf(view: View, ...of: Parameters<typeof service>) {
	const { transportSocket } = Cluster.decode(encodeCluster(service(...of), view, ADS));
	const bytes = transportSocket?.typedConfig?.value ?? new Uint8Array();
	return { bytes: Buffer.from(bytes), ...UpstreamTlsContext.decode(bytes) };
}

const NAMES = ["web.internal", "10.0.0.7", "spiffe://prod/web"];
const FULL: UpstreamTls = { ca: "/etc/mesh.pem", sni: "web.internal", subjectAltNames: NAMES };

describe("for Envoy", () => {
	it("verifies the CA and the names, by their kind, with TLS 1.2 to 1.3", () => {
		const { sni, commonTlsContext } = contextOf("envoy", FULL, "grpc");
		expect(sni).toBe("web.internal");
		expect(commonTlsContext).toMatchObject({
			alpnProtocols: ["h2"],
			tlsParams: { tlsMinimumProtocolVersion: Tls.TLSv1_2, tlsMaximumProtocolVersion: Tls.TLSv1_3 },
			tlsCertificates: [],
			validationContext: {
				trustedCa: { filename: "/etc/mesh.pem" },
				matchTypedSubjectAltNames: [
					{ sanType: SanType.DNS, matcher: { exact: "web.internal" } },
					{ sanType: SanType.IP_ADDRESS, matcher: { exact: "10.0.0.7" } },
					{ sanType: SanType.URI, matcher: { exact: "spiffe://prod/web" } },
				],
			},
		});
	});

	it.each([
		[{ name: "default" }, undefined],
		[{ name: "client", file: "/etc/client.yaml" }, { pathConfigSource: { path: "/etc/client.yaml" } }],
		[
			{ name: "default", cluster: "spire_agent" },
			{ apiConfigSource: { grpcServices: [{ envoyGrpc: { clusterName: "spire_agent" } }] } },
		],
	])("names its own certificate: %j", (clientCertificate, source) => {
		const { commonTlsContext } = contextOf("envoy", { ...FULL, clientCertificate }, "http1");
		const [config, ...more] = commonTlsContext?.tlsCertificateSdsSecretConfigs ?? [];
		expect([config?.name, more]).toEqual([clientCertificate.name, []]);
		if (source) expect(config?.sdsConfig).toMatchObject(source);
		else expect(config?.sdsConfig).toBeUndefined();
	});

	it("takes the system's CAs, and of several hosts the own name of each", () => {
		const { sni, bytes, commonTlsContext } = contextOf("envoy", undefined, "http1", [
			"https://a.test",
			"https://b.test",
		]);
		expect([sni, commonTlsContext?.alpnProtocols]).toEqual(["", ["http/1.1"]]);
		expect(commonTlsContext?.validationContext?.trustedCa?.filename).toBe("/etc/ssl/certs/ca-certificates.crt");
		// auto_host_sni and auto_sni_san_validation, fields 6 and 7.
		expect(bytes.subarray(-4).toString("hex")).toBe("30013801");
	});
});

describe("for gRPC", () => {
	it.each([
		["system", "system"],
		["/etc/mesh.pem", "default"],
	])("the CAs %s are the provider %s, and nothing else is said that it would reject", (ca, instanceName) => {
		const { commonTlsContext } = contextOf("grpc-tls", { ...FULL, ca, clientCertificate: { name: "x" } }, "grpc");
		expect(commonTlsContext).toMatchObject({
			tlsParams: undefined,
			alpnProtocols: [],
			tlsCertificateSdsSecretConfigs: [],
			tlsCertificateProviderInstance: { instanceName: "default" },
			validationContext: {
				trustedCa: undefined,
				caCertificateProviderInstance: { instanceName },
				matchTypedSubjectAltNames: [],
			},
		});
		const names = commonTlsContext?.validationContext?.matchSubjectAltNames.map(({ exact }) => exact);
		expect(names).toEqual(NAMES);
	});

	it("who has no certificate provider gets no cluster that wants one (G13)", () => {
		const [secure, clear] = [service(FULL, "grpc"), service(undefined, "grpc")];
		expect(clusterWithheld(secure, "grpc")).toMatch(/bootstrap grpc/);
		for (const view of ["envoy", "grpc-tls"] as const) expect(clusterWithheld(secure, view)).toBeUndefined();
		expect(clusterWithheld(clear, "grpc")).toBeUndefined();
	});
});
