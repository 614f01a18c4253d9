import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

for (const clusters of ["ads", ["web", "other"]] as const) {
	const how = clusters === "ads" ? "over ADS" : "over EDS streams";
	describeEnvoys(
		`Fingerpost is killed and started again, ${how}`,
		(which) => {
			it("fails no request, and gets what changed meanwhile", async () => {
				await using lab = await EnvoyLab.start({
					which,
					clusters,
					config: ({ a, b }) => ({ services: { web: { endpoints: [a] }, other: { endpoints: [b] } } }),
				});
				const { envoy, fingerpost } = lab;
				await using load = new Load({ url: envoy.ingress, service: "web", rate: 200 });
				await waitUntil("the load runs", () => load.result.ok >= 100);
				const updates = await envoy.stat("cluster.web.update_success");
				expect(updates).toBeGreaterThan(0);

				for (const host of [lab.c, lab.b]) {
					expect(await fingerpost.kill("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
					const downAt = load.result.ok;
					await waitUntil("the load goes on without Fingerpost", () => load.result.ok > downAt + 60);
					await fingerpost.setServices({ other: { endpoints: [host] } });
					await fingerpost.startAgain();
					// That the change has come also says that everything before it has.
					await envoy.waitForHosts("other", [host]);
				}

				const backAt = load.result.ok;
				await waitUntil("the load goes on", () => load.result.ok > backAt + 60);
				expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
				expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
				// A delta Envoy brings its versions along, so it is sent nothing that it has.
				if (which.mode === "delta") expect(await envoy.stat("cluster.web.update_success")).toBe(updates);
			});
		},
		clusters === "ads" ? {} : { versions: ["1.40.0"] },
	);
}
