import { type Endpoint, isReady, MAX_PRIORITY } from "../../model/endpoint.js";
import { ownWeight } from "../../model/traffic/traffic-weights.js";
import { zoneKey } from "../../model/zones/zone.js";
import type { ZonePlan } from "../../model/zones/zone-plan.js";
import { type AssignedLocality, timesWeight, totalWeight, withinUint32 } from "./encode/assigned-locality.js";

/** What all endpoints of a priority weigh together where they are split: as in traffic-weights.ts. */
const WHOLE = 2 ** 29;
/** What they may weigh together with those that get no traffic; each is rounded up to 1 at least. */
const MOST = 2 ** 31;

/** In which order the zones of a priority are used. */
const ORDER = ["split", "region", "rest"] as const;

/**
 * The localities for the clients of a zone. Each priority becomes up to three: the zones that its traffic is split over,
 * the other ones of the region, and the rest, both for failover.
 * @param all as clients without a zone get them.
 * @param byEndpoint whether clients go by the weights of endpoints: then these have the shares, too.
 */
export function zoneLocalities(
	all: readonly AssignedLocality[],
	plan: ZonePlan,
	byEndpoint: boolean,
): readonly AssignedLocality[] {
	const localities: AssignedLocality[] = [];
	// Degraded endpoints count only where there are no others, as for the plan.
	const counts = all.some(({ endpoints }) => endpoints.some(isReady)) ? isReady : () => true;
	let priority = 0;
	for (const members of Map.groupBy(all, (each) => each.priority).values()) {
		const [{ endpoints }] = members as [AssignedLocality];
		const shares = plan.shares.get((endpoints[0] as Endpoint).priority);
		const parts = shares
			? partsOf(members, shares, plan.zone.region)
			: new Map<string, AssignedLocality[]>([[ORDER[0], members]]);
		for (const name of ORDER) {
			const part = parts.get(name);
			if (!part) continue;
			const split = shares && name === "split" ? splitBy(part, shares, byEndpoint ? counts : undefined) : part;
			for (const each of split) localities.push({ ...each, priority, from: each.from ?? each });
			priority++;
		}
	}
	return priority > MAX_PRIORITY ? all : withinUint32(localities);
}

function partsOf(members: readonly AssignedLocality[], shares: ReadonlyMap<string, number>, ownRegion: string) {
	return Map.groupBy(members, ({ locality }) => {
		if (shares.has(zoneKey(locality))) return "split";
		return locality.region === ownRegion ? "region" : "rest";
	});
}

/**
 * A single zone has all the traffic, whatever it weighs: its endpoints stay as they are encoded.
 * @param counts which endpoints get the traffic, where clients go by the weights of these; else they go by localities.
 */
function splitBy(
	members: readonly AssignedLocality[],
	shares: ReadonlyMap<string, number>,
	counts: ((e: Endpoint) => boolean) | undefined,
): readonly AssignedLocality[] {
	const zones = Map.groupBy(members, ({ locality }) => zoneKey(locality));
	if (zones.size < 2) return members;
	const weightOf = ({ endpoints, weight }: AssignedLocality) =>
		counts ? totalWeight(endpoints.filter(counts), ownWeight) : weight;
	const factors = [...zones].map(([key, ofZone]) => (shares.get(key) as number) / sumOf(ofZone, weightOf));
	// What gets no traffic is multiplied, too, and may weigh far more.
	const all = [...zones.values()].map((ofZone, i) => (factors[i] as number) * sumOf(ofZone, ({ weight }) => weight));
	const whole = Math.min(WHOLE, MOST / all.reduce((sum, each) => sum + each, 0));
	return [...zones.values()].flatMap((ofZone, i) => {
		const times = whole * (factors[i] as number);
		return ofZone.map((each) => {
			if (!counts) return { ...each, weight: timesWeight(each.weight, times) };
			const weight = totalWeight(each.endpoints, (e) => timesWeight(e.weight, times));
			return { ...each, weight, times, from: each };
		});
	});
}

function sumOf(localities: readonly AssignedLocality[], weightOf: (locality: AssignedLocality) => number): number {
	return localities.reduce((sum, each) => sum + weightOf(each), 0);
}
