import { type Endpoint, readyEndpoints } from "../endpoint.js";
import { trafficWeights } from "../traffic/traffic-weights.js";
import { compareZones, endpointZone, sameZoneAmong, type Zone, zoneKey } from "./zone.js";
import { ZoneBalance, type ZoneCapacity, type ZoneDemand, zonesOfRegion } from "./zone-balance.js";

/** The zones of a service's ready endpoints, by the service's own priorities. */
export type ServiceZones = ReadonlyMap<number, readonly ZoneCapacity[]>;

/** Where the clients of a zone go. */
export interface ZonePlan {
	/** Equal exactly for plans that say the same. */
	readonly key: string;
	/** As the endpoints name it. */
	readonly zone: Zone;
	/** By the service's own priorities, and by zoneKey(): parts of the traffic, above 0. What is not here is not split. */
	readonly shares: ReadonlyMap<number, ReadonlyMap<string, number>>;
}

/** Shares are multiples of a thousandth. */
const STEPS = 1_000;
/** Less than this is not worth the connections that it takes. */
const LEAST_SHARE = 0.005;

const KNOWN = new WeakMap<readonly Endpoint[], { readonly zones: ServiceZones | undefined }>();

/**
 * @param endpoints of a service, each priority whole.
 * @returns undefined where any ready endpoint names no zone, or all name the same one.
 */
export function serviceZones(endpoints: readonly Endpoint[]): ServiceZones | undefined {
	let known = KNOWN.get(endpoints);
	if (!known) {
		known = { zones: findZones(endpoints) };
		KNOWN.set(endpoints, known);
	}
	return known.zones;
}

function findZones(endpoints: readonly Endpoint[]): ServiceZones | undefined {
	if (!endpoints.some(({ locality }) => locality.zone !== "")) return undefined;
	const ready = readyEndpoints(endpoints);
	const weightOf = trafficWeights(ready);
	const found = new Map<number, Map<string, { region: string; zone: string; capacity: number; endpoints: number }>>();
	const names = new Set<string>();
	for (const e of ready) {
		const zone = endpointZone(e.locality);
		if (!zone) return undefined;
		const key = zoneKey(zone);
		names.add(key);
		const ofPriority = found.get(e.priority) ?? new Map();
		found.set(e.priority, ofPriority);
		const sum = ofPriority.get(key) ?? { ...zone, capacity: 0, endpoints: 0 };
		sum.capacity += weightOf(e);
		sum.endpoints++;
		ofPriority.set(key, sum);
	}
	if (names.size < 2) return undefined;
	return new Map([...found].map(([priority, zones]) => [priority, [...zones.values()]]));
}

/**
 * The demand in the zones as the endpoints of a priority name them. That of a region is in its zones, by what these can
 * bear.
 */
export function demandAmong(zones: readonly ZoneCapacity[], demand: Iterable<ZoneDemand>): readonly ZoneDemand[] {
	const sums = new Map<string, ZoneDemand>();
	const add = ({ region, zone }: Zone, clients: number) => {
		const key = zoneKey({ region, zone });
		sums.set(key, { region, zone, clients: clients + (sums.get(key)?.clients ?? 0) });
	};
	// In order, so that rounding is the same everywhere.
	for (const each of [...demand].sort(compareZones)) {
		const among = each.zone === "" ? zonesOfRegion(each, zones) : [];
		const capacity = among.reduce((sum, zone) => sum + zone.capacity, 0);
		for (const zone of among) add(zone, (each.clients * zone.capacity) / capacity);
		if (among.length === 0) add(sameZoneAmong(each, zones), each.clients);
	}
	return [...sums.values()];
}

/**
 * @param zone of the clients that it is for; their region where they name no zone.
 * @param demand each zone once.
 * @returns undefined where these clients are to go where all others go.
 */
export function planFor(
	zone: Zone,
	zones: ServiceZones,
	demand: Iterable<ZoneDemand>,
	minEndpoints: number,
): ZonePlan | undefined {
	const counted = [...demand];
	const shares = new Map<number, ReadonlyMap<string, number>>();
	let named = zone;
	let key = "";
	for (const [priority, capacities] of zones) {
		if (capacities.length < 2) continue;
		const own = sameZoneAmong(zone, capacities);
		if (own !== zone) named = own;
		const balance = new ZoneBalance(capacities, demandAmong(capacities, counted), minEndpoints);
		const split = splitOf(balance, own);
		if (!split) continue;
		shares.set(priority, split);
		key += `${priority}:${JSON.stringify([...split])};`;
	}
	return shares.size === 0 ? undefined : { key: `${zoneKey(named)};${key}`, zone: named, shares };
}

/** Undefined where all is as by the weights alone. */
function splitOf(balance: ZoneBalance, own: Zone): ReadonlyMap<string, number> | undefined {
	const shares = new Map<string, number>();
	for (const { zone, share } of balance.sharesOf(own)) {
		if (share >= LEAST_SHARE) shares.set(zoneKey(zone), Math.round(share * STEPS) / STEPS);
	}
	const differs = balance.rows.some((row) => Math.abs((shares.get(zoneKey(row)) ?? 0) - row.capacity) > LEAST_SHARE);
	return differs ? shares : undefined;
}
