import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { burst, Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

/** REST is state of the world. */
const modes = ["sotw"] as const;

describeEnvoys(
	"R39: an Envoy that polls by REST",
	(which) => {
		it("gets clusters and endpoints, and follows their changes without a failed request", async () => {
			await using lab = await EnvoyLab.start({
				which,
				rest: true,
				config: ({ a, b }) => ({
					removalGrace: "200ms",
					services: {
						web: { endpoints: [a] },
						weighted: {
							endpoints: [
								{ address: a, weight: 50, metadata: { version: "v1" }, locality: { region: "eu", zone: "eu-1" } },
								{ address: b, weight: 150, hostname: "b.internal", locality: { region: "eu", zone: "eu-1" } },
							],
						},
						second: { protocol: "grpc", connectTimeout: "1500ms", endpoints: [b] },
						empty: { endpoints: [] },
					},
				}),
			});
			const { envoy, fingerpost } = lab;
			await envoy.waitForHosts("second", [lab.b]);
			await envoy.waitForHosts("weighted", [lab.a, lab.b]);
			expect(Object.keys(await envoy.clusters()).sort()).toEqual(
				["empty", "fingerpost-rest", "second", "web", "weighted", "xds"].sort(),
			);
			const { byBackend } = await burst(envoy.ingress, "weighted", 200);
			expect(Math.abs((byBackend.a ?? 0) - 50), JSON.stringify(byBackend)).toBeLessThanOrEqual(4);
			expect(await envoy.get("/config_dump?include_eds")).toContain('"version": "v1"');

			await using load = new Load({ url: envoy.ingress, service: "web" });
			await waitUntil("a answers", () => load.result.byBackend.a);
			await fingerpost.setServices({ web: { endpoints: [lab.c] }, later: { endpoints: [lab.b] }, empty: undefined });
			await envoy.waitForHosts("web", [lab.c]);
			await envoy.waitForHosts("later", [lab.b]);
			await waitUntil("the removed cluster is gone", async () => !("empty" in (await envoy.clusters())));
			expect(await burst(envoy.ingress, "web", 20)).toMatchObject({ byBackend: { c: 20 } });
			// A changed cluster is warmed anew.
			await fingerpost.setServices({ web: { endpoints: [lab.c], connectTimeout: "3s" } });
			await waitUntil("the cluster has changed", async () =>
				(await envoy.get("/config_dump?resource=dynamic_active_clusters")).includes('"connect_timeout": "3s"'),
			);
			const ok = load.result.ok;
			await waitUntil("the load goes on", () => load.result.ok > ok + 60);
			expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });

			expect(await polls(lab, "eds", 304)).toBeGreaterThan(5);
			const answered = await polls(lab, "eds", 200);
			const unchanged = await polls(lab, "eds", 304);
			await waitUntil("it polls on", async () => (await polls(lab, "eds", 304)) > unchanged + 10);
			expect(await polls(lab, "eds", 200)).toBe(answered);
			expect(await envoy.stat("cluster_manager.cds.update_rejected")).toBe(0);
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
			expect(await fingerpost.clients()).toEqual([]);
			expect(fingerpost.log.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
			expect(await fingerpost.kill()).toMatchObject({ code: 0 });
		});

		it("counts in its zone as one with a stream does, and gets the endpoints of that", async () => {
			const of = (zone: string) => ({ region: "lab", zone });
			await using lab = await EnvoyLab.start({
				which,
				rest: true,
				config: ({ a, b }) => ({
					services: {
						web: {
							zones: { minEndpoints: 1 },
							endpoints: [
								{ address: a, locality: of("lab-1") },
								{ address: b, locality: of("lab-2") },
							],
						},
					},
				}),
			});
			const { envoy, fingerpost } = lab;
			const clients = async () => {
				const service = "/services/web";
				type Zones = { readonly zones: readonly { readonly clients: number; readonly demand: number }[] };
				const { zones } = await fingerpost.api<Zones>(service);
				return zones.map(({ clients: count, demand }) => [count, demand]);
			};
			const isLocal = async (of: string, name: string) => {
				const { byBackend } = await burst(of, "web", 20);
				return byBackend[name] === 20;
			};
			await envoy.waitForHosts("web", [lab.a, lab.b]);
			await waitUntil("the one that polls counts", async () => (await clients())[0]?.join() === "1,1");
			const ads = envoyBootstrap({ mode: "delta", xds: [fingerpost.xdsPort], node: "streams", locality: of("lab-2") });
			await using other = await Envoy.start(which.binary, ads);
			await waitUntil("both count", async () => (await clients()).join() === "1,0.5,1,0.5");
			await waitUntil("the one that polls stays in its zone", () => isLocal(envoy.ingress, "a"));
			await waitUntil("the one with a stream does", () => isLocal(other.ingress, "b"));
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		});

		it("goes on while Fingerpost is killed and started again, and gets what changed meanwhile", async () => {
			await using lab = await EnvoyLab.start({
				which,
				rest: true,
				config: ({ a, b }) => ({ services: { web: { endpoints: [a] }, other: { endpoints: [b] } } }),
			});
			const { envoy, fingerpost } = lab;
			await envoy.waitForHosts("web", [lab.a]);
			await envoy.waitForHosts("other", [lab.b]);
			await using load = new Load({ url: envoy.ingress, service: "web" });
			await waitUntil("the load runs", () => load.result.ok >= 100);
			const updates = await envoy.stat("cluster.web.update_success");
			for (const host of [lab.c, lab.b]) {
				await fingerpost.kill("SIGKILL");
				const downAt = load.result.ok;
				await waitUntil("the load goes on without Fingerpost", () => load.result.ok > downAt + 60);
				await fingerpost.setServices({ other: { endpoints: [host] } });
				await fingerpost.startAgain();
				await envoy.waitForHosts("other", [host]);
				// R6: its version is what it was.
				await waitUntil("web is polled, too", async () => (await polls(lab, "eds", 304)) >= 4);
			}
			expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
			expect(await envoy.stat("cluster.web.update_success")).toBe(updates);
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		});
	},
	{ modes },
);

async function polls({ fingerpost }: EnvoyLab, type: string, status: number): Promise<number> {
	const line = new RegExp(`^fingerpost_rest_polls_total\\{type="${type}",status="${status}"\\} (\\d+)$`, "m");
	return Number(line.exec(await fingerpost.get("/metrics"))?.[1] ?? 0);
}
