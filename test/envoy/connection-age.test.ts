import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

describeEnvoys("a connection that is of age", (which) => {
	it("ends in order and comes again, without a failed request, an error in the log or anything sent again", async () => {
		await using lab = await EnvoyLab.start({
			which,
			config: ({ a, b }) => ({
				xds: { maxConnectionAge: "1s" },
				services: { web: { endpoints: [a] }, other: { endpoints: [b] } },
			}),
		});
		const { envoy, fingerpost } = lab;
		await using load = new Load({ url: envoy.ingress, service: "web", rate: 100 });
		const streams = new Set<number>();
		const updates = await envoy.stat("cluster.web.update_success");
		await waitUntil("Envoy has connected three times", async () => {
			for (const { stream } of await fingerpost.clients()) streams.add(stream);
			return streams.size >= 3;
		});
		await fingerpost.setServices({ other: { endpoints: [lab.c] } });
		await envoy.waitForHosts("other", [lab.c]);
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
		if (which.mode === "delta") expect(await envoy.stat("cluster.web.update_success")).toBe(updates);
		expect(fingerpost.log.filter(({ level }) => level === "warn" || level === "error").map(({ text }) => text)).toEqual(
			[],
		);
	});
});
