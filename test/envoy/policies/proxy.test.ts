import { expect, it } from "vitest";
import { startHttpBackend } from "../../../lab/backends.js";
import { CertificateLab } from "../../../lab/certificate-lab.js";
import { describeEnvoys } from "../../../lab/describe-envoys.js";
import { Envoy } from "../../../lab/envoy.js";
import { ENVOY_VERSIONS } from "../../../lab/envoy-binary.js";
import { envoyBootstrap } from "../../../lab/envoy-bootstrap.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { startHttpProxy } from "../../../lab/http-proxy.js";
import { burst } from "../../../lab/load.js";

/** What the documentation has for Envoys from 1.38 on: a proxy in clear, too. */
const IN_CLEAR = {
	cluster: {
		transportSocket: {
			name: "envoy.transport_sockets.http_11_proxy",
			typedConfig: {
				"@type": "type.googleapis.com/envoy.extensions.transport_sockets.http_11_proxy.v3.Http11ProxyUpstreamTransport",
				transportSocket: {
					name: "envoy.transport_sockets.raw_buffer",
					typedConfig: { "@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer" },
				},
			},
		},
	},
};

describeEnvoys(
	"a proxy to the endpoints",
	({ binary, mode, version }) => {
		it("is asked for a tunnel by TLS, and in clear where an overlay says so", async () => {
			await using pki = await CertificateLab.create();
			const tls = { sni: "web.internal", ca: pki.path("ca.crt") };
			const certificate = await pki.server({ names: ["web.internal"] });
			await using a = await startHttpBackend("a", { tls: certificate });
			await using b = await startHttpBackend("b", { tls: certificate });
			await using clear = await startHttpBackend("clear");
			await using proxy = await startHttpProxy();
			const endpoints = [{ address: a.address, metadata: { via: proxy.address } }, b.address];
			const inClear = { endpoints: [clear.address], proxy: proxy.address };
			const services = {
				all: { endpoints, tls, proxy: proxy.address },
				own: { endpoints, tls, proxy: { metadata: "via" } },
				none: { endpoints, tls, proxy: "off" },
				clear: inClear,
				...(version !== "1.36.4" && { overlaid: { ...inClear, envoy: IN_CLEAR } }),
			};
			await using fingerpost = await Fingerpost.start({ services });
			await using envoy = await Envoy.start(binary, envoyBootstrap({ mode, xds: [fingerpost.xdsPort] }));
			const tunnels: Record<string, readonly string[]> = {};
			for (const [service, { endpoints: list }] of Object.entries(services)) {
				const addresses = list.map((each) => (typeof each === "string" ? each : each.address));
				await envoy.waitForHosts(service, addresses);
				const { length } = proxy.tunnels;
				expect(await burst(envoy.ingress, service, 10)).toMatchObject({ ok: 10, failures: [] });
				tunnels[service] = [...new Set(proxy.tunnels.slice(length))].sort();
			}
			expect(tunnels).toEqual({
				all: [a.address, b.address].sort(),
				own: [a.address],
				none: [],
				clear: [],
				...(version !== "1.36.4" && { overlaid: [clear.address] }),
			});
			expect((await fingerpost.service("clear")).notes.join()).toContain("Envoys do not get proxy");
			expect(await fingerpost.nacks()).toEqual([]);
			expect(await envoy.rejected()).toBe(0);
		});
	},
	{ versions: ENVOY_VERSIONS, modes: ["sotw"] },
);
