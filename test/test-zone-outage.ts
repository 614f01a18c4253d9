import { expect, it } from "vitest";
import { ZONES, type ZoneLabOptions } from "../lab/zones/zone-lab.js";
import { REPEATABLE, zoneOutage } from "../lab/zones/zone-outage.js";

/** In each zone. */
const ENDPOINTS = 4;

interface Kind extends Pick<ZoneLabOptions, "protocol" | "start"> {
	/** The failures after which the client tries nothing again, whatever `retries` say; none unless given. */
	readonly neverRetried?: RegExp;
}

/** A zone that dies under a load, of which the source says nothing, with requests that may be repeated. */
export function testZoneOutage(
	{ neverRetried, ...kind }: Kind,
	spreads: readonly ("one in each" | "all in it")[],
): void {
	it.each(spreads)("lose no request when a zone is killed, and go back to it: clients %s", async (spread) => {
		const clients = spread === "one in each" ? ZONES : (["a", "a", "a"] as const);
		const outage = { ...kind, clients, settings: REPEATABLE, endpoints: ENDPOINTS, away: 0 };
		const { failed, failures, nacks, requests } = await zoneOutage(outage);
		const excused = failures.filter((each) => neverRetried?.test(each));
		expect({ failed, failures, nacks }).toEqual({ failed: excused.length, failures: excused, nacks: [] });
		expect(requests).toBeGreaterThan(100);
	});
}
