import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { ENVOY_VERSIONS } from "../../lab/envoy-binary.js";
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

describeEnvoys(
	"in three zones, where endpoints are not chosen by what they weigh",
	({ binary }) => {
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
