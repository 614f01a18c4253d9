import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { burst } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

const MIB = 1024 * 1024;

/** Endpoints that get no traffic. */
function fillers(count: number): object[] {
	return Array.from({ length: count }, (_, i) => ({
		address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:80`,
		health: "unhealthy",
		metadata: { filler: "x".repeat(40) },
	}));
}

describeEnvoys("a service of more than 4 MiB", (which) => {
	let lab: EnvoyLab;
	beforeAll(async () => {
		lab = await EnvoyLab.start({ which, config: ({ a }) => ({ services: { big: { endpoints: [a] } } }) });
	});
	afterAll(() => lab?.[Symbol.asyncDispose]());

	it("reaches Envoy, which has no limit of its own", async () => {
		const { a, b, envoy, fingerpost } = lab;
		for (const [address, count] of [
			[a, 60_000],
			[b, 60_001],
		] as const) {
			await fingerpost.setServices({ big: { endpoints: [address, ...fillers(count)] } });
			await waitUntil("Envoy has it", async () => (await envoy.stat("cluster.big.membership_total")) === count + 1, {
				interval: 50,
			});
		}
		expect(await envoy.stat("cluster.xds.upstream_cx_rx_bytes_total")).toBeGreaterThan(2 * 4 * MIB);
		expect(await burst(envoy.ingress, "big", 20)).toMatchObject({ failed: 0, byBackend: { b: 20 } });
		expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		expect(await envoy.stat("cluster.xds.upstream_cx_total")).toBe(1);
	});
});

describeEnvoys(
	"clusters of more than 4 MiB together",
	(which) => {
		let lab: EnvoyLab;
		beforeAll(async () => {
			lab = await EnvoyLab.start({ which, config: ({ a }) => ({ services: { web: { endpoints: [a] } } }) });
		});
		afterAll(() => lab?.[Symbol.asyncDispose]());

		it("reach Envoy as one response", async () => {
			const { b, envoy, fingerpost } = lab;
			const name = (i: number) => `${"n".repeat(240)}-${i}`;
			const many = Object.fromEntries(Array.from({ length: 14_000 }, (_, i) => [name(i), { endpoints: [b] }]));
			await fingerpost.setServices(many);
			await waitUntil(
				"Envoy has all",
				async () => {
					const stats = await envoy.stats("^cluster_manager\\.(active|warming)_clusters$");
					return (
						(stats["cluster_manager.active_clusters"] ?? 0) > 14_000 && stats["cluster_manager.warming_clusters"] === 0
					);
				},
				// Envoy makes 14,000 clusters: that takes its time where it gets little.
				{ timeout: 240_000, interval: 250 },
			);
			// The clusters, and then as much of endpoints, for which a slow Envoy does not wait before it uses the clusters.
			await waitUntil(
				"Envoy has the endpoints",
				async () =>
					(await envoy.stat("cluster.xds.upstream_cx_rx_bytes_total")) > 2 * 4 * MIB &&
					(await envoy.clusters())[name(13_999)]?.length === 1,
				{ timeout: 240_000, interval: 250 },
			);
			const updates = await envoy.stat("cluster_manager.cds.update_success");
			expect(updates).toBe(2);
			expect(await burst(envoy.ingress, name(13_999), 5)).toMatchObject({ failed: 0, byBackend: { b: 5 } });
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		});
	},
	// In delta they are split, which needs no Envoy to be seen.
	{ versions: ["1.40.0"], modes: ["sotw"] },
);
