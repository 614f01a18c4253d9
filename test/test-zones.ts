import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ZONES, ZoneLab, type ZoneLabOptions } from "../lab/zones/zone-lab.js";

const LAYOUTS = { even: [3, 3, 3], uneven: [8, 1, 1], "one-empty": [3, 3, 0] } as const;

/** Of each client: gRPC chooses at random between zones, so that the part of one is off by 4 % once in 100,000 times. */
const CALLS = 1_500;

/** Clients of one kind in three zones, and all of them in one. */
export function testZones(kind: Pick<ZoneLabOptions, "protocol" | "start">): void {
	describe("one in each", () => {
		let lab: ZoneLab;
		beforeAll(async () => {
			lab = await ZoneLab.start({ ...kind, layouts: LAYOUTS, clients: ZONES });
		});
		afterAll(() => lab?.[Symbol.asyncDispose]());

		it.each(Object.keys(LAYOUTS))("stay there as far as it bears them, and no endpoint is hot: %s", async (service) => {
			const { local, possible, hottest, failed } = await lab.measure(service, CALLS);
			expect(failed).toBe(0);
			// One endpoint in a zone keeps a part only.
			expect(local / possible).toBeGreaterThan(service === "uneven" ? 0.6 : 0.95);
			expect(hottest).toBeLessThan(1.2);
			expect(await lab.fingerpost.nacks()).toEqual([]);
		});

		it("lose no call when a zone ends and comes back", async () => {
			const failures = await lab.underLoad("even", async () => {
				await lab.endZone("even", "a");
				await lab.startZone("even", "a", 3);
			});
			expect(failures).toEqual([]);
			expect((await lab.measure("even", 300)).local).toBe(1);
		});
	});

	it("use a part of the endpoints where the service gives parts", async () => {
		const settings = { subset: { size: 4 } };
		await using lab = await ZoneLab.start({ ...kind, settings, layouts: { many: [20, 0, 0] }, clients: ["a", "a"] });
		expect(await lab.used("many", 200)).toEqual([4, 4]);
		expect(await lab.fingerpost.nacks()).toEqual([]);
	});

	it("all in one: no endpoint is hot", async () => {
		await using lab = await ZoneLab.start({ ...kind, layouts: { even: LAYOUTS.even }, clients: ["a", "a"] });
		const { local, hottest, failed } = await lab.measure("even", CALLS);
		expect(failed).toBe(0);
		expect(Math.abs(local - 1 / 3)).toBeLessThan(0.04);
		expect(hottest).toBeLessThan(1.2);
	});
}
