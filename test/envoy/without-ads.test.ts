import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { burst, Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

describeEnvoys("an Envoy that takes its clusters from the service of clusters, without ADS", (which) => {
	it("gets clusters that it can use, and follows their changes without a failed request", async () => {
		await using lab = await EnvoyLab.start({
			which,
			clusters: "cds",
			config: ({ a, b }) => ({
				removalGrace: "200ms",
				xds: { cluster: "xds" },
				services: { web: { endpoints: [a] }, second: { endpoints: [b] }, empty: { endpoints: [] } },
			}),
		});
		const { envoy, fingerpost } = lab;
		await envoy.waitForHosts("web", [lab.a]);
		await envoy.waitForHosts("second", [lab.b]);
		await using load = new Load({ url: envoy.ingress, service: "web" });
		await waitUntil("a answers", () => load.result.byBackend.a);
		await fingerpost.setServices({ web: { endpoints: [lab.c] }, later: { endpoints: [lab.b] }, empty: undefined });
		await envoy.waitForHosts("web", [lab.c]);
		await envoy.waitForHosts("later", [lab.b]);
		await waitUntil("the removed cluster is gone", async () => !("empty" in (await envoy.clusters())));
		// A changed cluster is warmed anew.
		await fingerpost.setServices({ web: { endpoints: [lab.c], connectTimeout: "3s" } });
		await waitUntil("the cluster has changed", async () =>
			(await envoy.get("/config_dump?resource=dynamic_active_clusters")).includes('"connect_timeout": "3s"'),
		);
		expect(await burst(envoy.ingress, "web", 20)).toMatchObject({ failed: 0, byBackend: { c: 20 } });
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
		expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
	});
});
