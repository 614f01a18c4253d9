import { compareZones, type Zone, zoneKey } from "./zone.js";

/** What a zone has to serve with. */
export interface ZoneCapacity extends Zone {
	/** The sum of the weights of its ready endpoints. */
	readonly capacity: number;
	/** How many ready endpoints it has. */
	readonly endpoints: number;
}

/** Who is to be served in a zone. */
export interface ZoneDemand extends Zone {
	readonly clients: number;
}

/** What is known of a zone, as parts of the whole service: from 0 to 1. */
export interface ZoneRow extends Zone {
	readonly capacity: number;
	readonly demand: number;
	/** What of its own demand it serves itself. */
	readonly keeps: number;
	/** What of its demand goes to zones with a surplus. */
	readonly spills: number;
	/** What it can bear beside its own. */
	readonly surplus: number;
}

/** What goes to a zone. */
export interface ZoneShare {
	readonly zone: Zone;
	/** From 0 to 1. */
	readonly share: number;
}

/** So much more than its capacity a zone keeps before it spills: less is not worth the connections that it takes. */
export const TOLERANCE = 0.05;

/**
 * How the traffic of a service goes from the zones of its clients to those of its endpoints: the arithmetic of Envoy's
 * zone-aware routing, done once for all clients. A zone keeps its traffic as far as it bears it. The rest goes to zones
 * with a surplus, in proportion to it: first within the region, then everywhere. Equal inputs give equal results,
 * whatever their order.
 */
export class ZoneBalance {
	/** Of all zones with endpoints or clients, in order. */
	readonly rows: readonly ZoneRow[];
	readonly #byKey: ReadonlyMap<string, ZoneRow>;
	readonly #regions = new Map<string, { spills: number; surplus: number }>();
	/** What is left once each region has helped itself. */
	#left = 0;

	/**
	 * @param capacities each zone once; their sum is above 0.
	 * @param demands each zone once; without any client the demand is as the capacity.
	 * @param minEndpoints of fewer, a zone keeps the part of what it bears that it has endpoints of these.
	 */
	constructor(capacities: readonly ZoneCapacity[], demands: readonly ZoneDemand[], minEndpoints: number) {
		this.rows = rowsOf(capacities, demands, minEndpoints);
		this.#byKey = new Map(this.rows.map((row) => [zoneKey(row), row]));
		for (const { region, spills, surplus } of this.rows) {
			const sum = this.#regions.get(region) ?? { spills: 0, surplus: 0 };
			this.#regions.set(region, { spills: sum.spills + spills, surplus: sum.surplus + surplus });
		}
		for (const { spills, surplus } of this.#regions.values()) this.#left += Math.max(0, surplus - spills);
	}

	/** Where the traffic of the clients of a zone, or a region, goes: parts of it that sum up to 1, none of them 0, in order. */
	sharesOf(zone: Zone): readonly ZoneShare[] {
		const among = zone.zone === "" ? zonesOfRegion(zone, this.rows) : [];
		return among.length > 0 ? this.#sharesOfRegion(among) : this.#sharesOfZone(zone);
	}

	/** As its demand is: that of each zone in it, by what these can bear. */
	#sharesOfRegion(zones: readonly ZoneRow[]): readonly ZoneShare[] {
		const capacity = zones.reduce((sum, each) => sum + each.capacity, 0);
		const shares = new Map<string, number>();
		for (const each of zones) {
			for (const { zone, share } of this.#sharesOfZone(each)) {
				const key = zoneKey(zone);
				shares.set(key, (shares.get(key) ?? 0) + (share * each.capacity) / capacity);
			}
		}
		return this.rows
			.map((row) => ({ zone: row as Zone, share: shares.get(zoneKey(row)) ?? 0 }))
			.filter(({ share }) => share > 0);
	}

	#sharesOfZone(zone: Zone): readonly ZoneShare[] {
		const key = zoneKey(zone);
		const own = this.#byKey.get(key);
		const demand = own?.demand ?? 0;
		if (!own || demand === 0) return this.#unknownDemand(zone, own);
		const region = this.#regions.get(own.region) as { spills: number; surplus: number };
		const within = Math.min(region.spills, region.surplus);
		// The region's surplus is used up by this part of each spill, and the rest leaves it.
		const stays = region.spills > 0 ? (own.spills * within) / region.spills : 0;
		const leaves = own.spills - stays;
		return this.rows
			.map((to) => {
				const mine = zoneKey(to) === key ? own.keeps : 0;
				const near = to.region === own.region && region.surplus > 0 ? (stays * to.surplus) / region.surplus : 0;
				const far = this.#left > 0 ? (leaves * this.#leftOf(to)) / this.#left : 0;
				return { zone: to as Zone, share: (mine + near + far) / demand };
			})
			.filter(({ share }) => share > 0);
	}

	/** What of a zone's surplus is left once its region has helped itself. */
	#leftOf({ region, surplus }: ZoneRow): number {
		const sum = this.#regions.get(region) as { spills: number; surplus: number };
		return sum.surplus > sum.spills ? surplus * (1 - sum.spills / sum.surplus) : 0;
	}

	/** A zone whose first client has just come: its own endpoints, else its region's, else all. */
	#unknownDemand(zone: Zone, own: ZoneRow | undefined): readonly ZoneShare[] {
		if (own && own.capacity > 0) return [{ zone: own, share: 1 }];
		const able = this.rows.filter(({ capacity }) => capacity > 0);
		const near = able.filter(({ region }) => region === zone.region);
		const to = near.length > 0 ? near : able;
		const sum = to.reduce((all, { capacity }) => all + capacity, 0);
		return to.map((each) => ({ zone: each, share: each.capacity / sum }));
	}
}

/** The zones of a region that bear anything. */
export function zonesOfRegion<T extends Zone & { readonly capacity: number }>(
	of: Zone,
	zones: readonly T[],
): readonly T[] {
	return zones.filter(({ region, capacity }) => region === of.region && capacity > 0);
}

function rowsOf(capacities: readonly ZoneCapacity[], demands: readonly ZoneDemand[], minEndpoints: number): ZoneRow[] {
	const capacityOf = new Map(capacities.map((each) => [zoneKey(each), each]));
	const clients = demands.filter((each) => each.clients > 0);
	const clientsOf = new Map(clients.map((each) => [zoneKey(each), each]));
	const zones = [...capacities, ...clients.filter((each) => !capacityOf.has(zoneKey(each)))].sort(compareZones);
	// Summed up in order, so that rounding is the same everywhere.
	let allCapacity = 0;
	let allClients = 0;
	for (const zone of zones) {
		allCapacity += capacityOf.get(zoneKey(zone))?.capacity ?? 0;
		allClients += clientsOf.get(zoneKey(zone))?.clients ?? 0;
	}
	return zones.map((zone) => {
		const { capacity: weight = 0, endpoints = 0 } = capacityOf.get(zoneKey(zone)) ?? {};
		const capacity = weight / allCapacity;
		const demand = allClients > 0 ? (clientsOf.get(zoneKey(zone))?.clients ?? 0) / allClients : capacity;
		const bears = capacity * Math.min(1, endpoints / minEndpoints);
		const keeps = demand <= bears * (1 + TOLERANCE) ? demand : bears;
		const { region, zone: name } = zone;
		return {
			region,
			zone: name,
			capacity,
			demand,
			keeps,
			spills: demand - keeps,
			surplus: Math.max(0, capacity - keeps),
		};
	});
}
