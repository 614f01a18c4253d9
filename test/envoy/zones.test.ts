import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { ENVOY_VERSIONS } from "../../lab/envoy-binary.js";
import { envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { burst } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";
import { ZONES, ZoneLab } from "../../lab/zones/zone-lab.js";
import { envoyClient } from "../../lab/zones/zoned-client.js";
import { testZones } from "../test-zones.js";

// The other versions are in the table of docs/zones.md.
for (const [mode, version] of [
	["delta", "1.40.0"],
	["sotw", "1.36.4"],
] as const) {
	describeEnvoys("in three zones", ({ binary }) => testZones({ protocol: "http1", start: envoyClient(binary, mode) }), {
		modes: [mode],
		versions: [version],
	});
}

describeEnvoys("of a region", (which) => {
	it("uses all zones of it alike, and no other region", async () => {
		const of = (region: string, zone: string) => ({ region, zone });
		await using lab = await EnvoyLab.start({
			which,
			locality: of("near", ""),
			config: ({ a, b, c }) => ({
				services: {
					web: {
						zones: { minEndpoints: 1 },
						endpoints: [
							{ address: a, locality: of("near", "1") },
							{ address: b, locality: of("near", "2") },
							{ address: c, locality: of("far", "1"), weight: 200 },
						],
					},
				},
			}),
		});
		const { envoy, fingerpost } = lab;
		const far = envoyBootstrap({ mode: which.mode, xds: [fingerpost.xdsPort], node: "far", locality: of("far", "") });
		await using other = await Envoy.start(which.binary, far);
		const used = async (by: Envoy) => Object.entries((await burst(by.ingress, "web", 40)).byBackend).sort();
		const alike = [
			["a", 20],
			["b", 20],
		];
		await waitUntil("it is split", async () => JSON.stringify(await used(envoy)) === JSON.stringify(alike));
		await waitUntil("so is the other", async () => JSON.stringify(await used(other)) === JSON.stringify([["c", 40]]));
		expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
	});
});

describeEnvoys(
	"in three zones, where endpoints are not chosen by what they weigh",
	({ binary, version }) => {
		it("by load stays in the zone as far as that bears it, and prints what it has", async () => {
			const start = envoyClient(binary, "delta");
			const settings = { loadBalancing: { policy: "client_side_weighted_round_robin" } };
			const layouts = { even: [3, 3, 3], uneven: [8, 2, 2] } as const;
			await using lab = await ZoneLab.start({ protocol: "http1", start, settings, layouts, clients: ZONES });
			expect(await lab.measure("even", 300)).toMatchObject({ local: 1, failed: 0 });
			const { local, possible, hottest, failed } = await lab.measure("uneven", 600);
			expect(failed).toBe(0);
			// It has no policy that goes by the shares of zones.
			if (version === "1.36.4") expect(local).toBeLessThan(possible - 0.15);
			else {
				expect(Math.abs(local - possible)).toBeLessThan(0.02);
				expect(hottest).toBeLessThan(1.1);
			}
			expect(await lab.fingerpost.nacks()).toEqual([]);
			await using envoy = await Envoy.start(binary, envoyBootstrap({ mode: "delta", xds: [lab.fingerpost.xdsPort] }));
			expect(await envoy.get("/config_dump")).toContain("envoy.load_balancing_policies.wrr_locality");
		});

		it("random stays in the zone as far as that bears it", async () => {
			const start = envoyClient(binary, "delta");
			const kind = { protocol: "http1", start, settings: { loadBalancing: { policy: "random" } } } as const;
			const layouts = { even: [3, 3, 3] } as const;
			await using each = await ZoneLab.start({ ...kind, layouts, clients: ZONES });
			expect(await each.measure("even", 300)).toMatchObject({ local: 1, failed: 0 });
			await using all = await ZoneLab.start({ ...kind, layouts, clients: ["a", "a"] });
			const { local, failed } = await all.measure("even", 1_500);
			expect(failed).toBe(0);
			expect(Math.abs(local - 1 / 3)).toBeLessThan(0.05);
			expect([...(await each.fingerpost.nacks()), ...(await all.fingerpost.nacks())]).toEqual([]);
		});
	},
	{ modes: ["delta"], versions: ENVOY_VERSIONS },
);
