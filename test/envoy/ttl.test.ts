import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { burst, Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

/** A heartbeat every 2 s: two may be as late as a busy machine makes them. */
const TTL_MS = 6_000;
const FEATURES = ["xds.config.supports-resource-in-sotw", "xds.config.supports-resource-ttl"];

describeEnvoys("R26: an Envoy whose clusters have a time to live", (which) => {
	it("keeps them while heartbeats come, loses them when Fingerpost stands still for longer, and has them again", async () => {
		await using lab = await EnvoyLab.start({
			which,
			features: FEATURES,
			config: ({ a, b }) => ({
				xds: { ttl: `${TTL_MS}ms`, maxConnectionAge: "12s" },
				services: { web: { endpoints: [a] }, other: { endpoints: [b] } },
			}),
		});
		const { envoy, fingerpost } = lab;
		await envoy.waitForHosts("web", [lab.a]);
		await envoy.waitForHosts("other", [lab.b]);
		const names = async () => Object.keys(await envoy.clusters()).filter((name) => name !== "xds");
		await using load = new Load({ url: envoy.ingress, service: "web" });
		const updates = await envoy.stat("cluster_manager.cds.update_success");
		await waitUntil(
			"there were heartbeats for longer than a life",
			async () => (await envoy.stat("cluster_manager.cds.update_success")) >= updates + 5,
		);
		// A change in between does not end it, nor does a connection that is made anew.
		await fingerpost.setServices({ web: { endpoints: [lab.c] } });
		await envoy.waitForHosts("web", [lab.c]);
		const [present] = await fingerpost.clients();
		await waitUntil("it has connected anew", async () => {
			const [client] = await fingerpost.clients();
			return client && client.stream !== present?.stream;
		});
		const again = await envoy.stat("cluster_manager.cds.update_success");
		await waitUntil(
			"there were heartbeats for another life",
			async () => (await envoy.stat("cluster_manager.cds.update_success")) >= again + 4,
		);
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
		expect(await envoy.stat("cluster_manager.cluster_removed")).toBe(0);
		expect(await envoy.stat("cluster_manager.cluster_modified")).toBe(0);

		process.kill(fingerpost.pid, "SIGSTOP");
		try {
			await waitUntil("the clusters are gone", async () => (await names()).length === 0);
			expect(await burst(envoy.ingress, "web", 3)).toMatchObject({ ok: 0 });
		} finally {
			process.kill(fingerpost.pid, "SIGCONT");
		}
		await envoy.waitForHosts("web", [lab.c]);
		await envoy.waitForHosts("other", [lab.b]);
		expect(await burst(envoy.ingress, "web", 10)).toMatchObject({ byBackend: { c: 10 } });
		expect(await lab.rejections()).toEqual({ count: 0, texts: [] });

		// It may as well be the Envoy that stands still, or the network.
		process.kill(envoy.child.pid, "SIGSTOP");
		try {
			const stopped = performance.now();
			await waitUntil("longer than a life is over", () => performance.now() - stopped > 1.5 * TTL_MS);
		} finally {
			process.kill(envoy.child.pid, "SIGCONT");
		}
		await waitUntil(
			"it has both clusters and their endpoints for longer than a life",
			async () => {
				const beats = await envoy.stat("cluster_manager.cds.update_success");
				await envoy.waitForHosts("web", [lab.c]);
				await envoy.waitForHosts("other", [lab.b]);
				const later = async () => (await envoy.stat("cluster_manager.cds.update_success")) > beats + 3;
				await waitUntil("heartbeats", later);
				return (await names()).length === 2;
			},
			{ timeout: 90_000 },
		);
		expect(await burst(envoy.ingress, "web", 10)).toMatchObject({ byBackend: { c: 10 } });
		expect(envoy.child.exit).toBeUndefined();
		// A delta Envoy rejects the one that found nothing to live on.
		expect((await lab.rejections()).count).toBeLessThanOrEqual(which.mode === "delta" ? 1 : 0);
		expect(await fingerpost.nacks()).toEqual([]);
	});
});

describeEnvoys("R26: an Envoy whose clusters have a time to live no more", (which) => {
	it("keeps them when Fingerpost is gone", async () => {
		await using lab = await EnvoyLab.start({
			which,
			features: FEATURES,
			config: ({ a }) => ({ xds: { ttl: "2s" }, services: { web: { endpoints: [a] } } }),
		});
		const { envoy, fingerpost } = lab;
		await envoy.waitForHosts("web", [lab.a]);
		await fingerpost.writeConfig(JSON.stringify({ xds: { ttl: "0s" }, services: { web: { endpoints: [lab.a] } } }));
		await fingerpost.kill();
		await fingerpost.startAgain();
		await waitUntil("it has come back", async () => (await fingerpost.clients())[0]?.types.cds?.acked);
		await envoy.waitForHosts("web", [lab.a]);
		await fingerpost.kill();
		await using load = new Load({ url: envoy.ingress, service: "web", rate: 100 });
		await waitUntil("it works for longer than that", () => load.result.ok >= 250);
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
	});
});

describeEnvoys(
	"R26: an Envoy that does not say that it knows a time to live",
	(which) => {
		it("gets plain resources, which stay though Fingerpost stands still", async () => {
			await using lab = await EnvoyLab.start({
				which,
				config: ({ a }) => ({ xds: { ttl: "1s" }, services: { web: { endpoints: [a] } } }),
			});
			const { envoy, fingerpost } = lab;
			await envoy.waitForHosts("web", [lab.a]);
			process.kill(fingerpost.pid, "SIGSTOP");
			try {
				await using load = new Load({ url: envoy.ingress, service: "web", rate: 100 });
				await waitUntil("it works for longer than that", () => load.result.ok >= 250);
				expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
			} finally {
				process.kill(fingerpost.pid, "SIGCONT");
			}
		});
	},
	{ modes: ["sotw"], versions: ["1.40.0"] },
);
