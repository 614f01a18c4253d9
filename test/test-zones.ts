import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ZONES, ZoneLab, type ZoneLabOptions } from "../lab/zones/zone-lab.js";

const LAYOUTS = {
	"30-3-3": [30, 3, 3],
	"10-10-10": [10, 10, 10],
	"1-1-1": [1, 1, 1],
	"10-10-0": [10, 10, 0],
} as const;

type Name = keyof typeof LAYOUTS;

const NAMES = Object.keys(LAYOUTS) as readonly Name[];

/** Of each client. An Envoy goes by turns. */
const ENVOY_CALLS = 600;

/**
 * gRPC chooses at random between zones: so many that the bounds are four standard deviations off. Where less stays in the
 * zone it takes more calls.
 */
const GRPC_CALLS = {
	evenly: { "30-3-3": 1_500, "10-10-10": 1_500, "1-1-1": 1_500, "10-10-0": 1_500 },
	"all in one": { "30-3-3": 1_500, "10-10-10": 4_200, "1-1-1": 4_200, "10-10-0": 2_400 },
} as const;

const SPREADS = { evenly: ZONES, "all in one": ["a", "a", "a"] } as const;

/** Clients of one kind in three zones, and all of them in one. */
export function testZones(kind: Pick<ZoneLabOptions, "protocol" | "start">): void {
	describe.each(["evenly", "all in one"] as const)("clients %s", (spread) => {
		let lab: ZoneLab;
		beforeAll(async () => {
			lab = await ZoneLab.start({ ...kind, layouts: LAYOUTS, clients: SPREADS[spread] });
		});
		afterAll(() => lab?.[Symbol.asyncDispose]());

		it.each(NAMES)("stay there as far as it bears them, and no endpoint is hot: %s", async (service) => {
			const calls = kind.protocol === "grpc" ? GRPC_CALLS[spread][service] : ENVOY_CALLS;
			const { local, possible, hottest, failed } = await lab.measure(service, calls);
			expect(failed).toBe(0);
			// One endpoint in a zone keeps two thirds only, so that its loss is no outage.
			const isKept = service === "1-1-1" && spread === "evenly";
			expect(local / possible).toBeGreaterThanOrEqual(isKept ? 0.6 : 0.95);
			expect(hottest).toBeLessThanOrEqual(1.2);
			expect(await lab.fingerpost.nacks()).toEqual([]);
		});

		it("lose no call when a zone ends and comes back", async () => {
			const failures = await lab.underLoad("10-10-10", async () => {
				await lab.endZone("10-10-10", "a");
				await lab.startZone("10-10-10", "a", 10);
			});
			expect(failures).toEqual([]);
			if (spread === "evenly") expect((await lab.measure("10-10-10", 300)).local).toBe(1);
		});
	});

	it("use a part of the endpoints where the service gives parts", async () => {
		const settings = { subset: { size: 4 } };
		await using lab = await ZoneLab.start({ ...kind, settings, layouts: { many: [20, 0, 0] }, clients: ["a", "a"] });
		expect(await lab.used("many", 200)).toEqual([4, 4]);
		expect(await lab.fingerpost.nacks()).toEqual([]);
	});
}
