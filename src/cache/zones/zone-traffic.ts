import type { ServiceState } from "../../catalog/service-state.js";
import type { Endpoint } from "../../model/endpoint.js";
import { subsetOf } from "../../model/traffic/subset.js";
import type { Place } from "../../model/zones/place.js";
import { type Zone, zoneKey } from "../../model/zones/zone.js";
import { ZoneBalance, type ZoneDemand } from "../../model/zones/zone-balance.js";
import { demandAmong, planFor, type ServiceZones, serviceZones, type ZonePlan } from "../../model/zones/zone-plan.js";
import { DEFAULT_ZONES, splitsByZone } from "../../model/zones/zone-settings.js";
import type { ResourceSet } from "../resource-set.js";
import { ServiceDemand } from "./service-demand.js";

/** The resources for clients of a place. */
export interface PlaceSet {
	readonly set: ResourceSet;
	readonly place: Place | undefined;
}

/** What clients of a place get of a service. */
export interface PlaceShare {
	/** Equal exactly where plan and group are. */
	readonly key: string;
	readonly endpoints: readonly Endpoint[];
	readonly plan: ZonePlan | undefined;
}

/** What a zone of a priority bears, and where its clients go. */
export interface ZoneRows extends Zone {
	/** The service's own. */
	readonly priority: number;
	/** How many clients ask for the service there by now. */
	readonly clients: number;
	/** Parts of the service, from 0 to 1. */
	readonly capacity: number;
	readonly demand: number;
	readonly keeps: number;
	readonly spills: number;
	/** Where its clients' traffic goes: parts of it. */
	readonly to: readonly { readonly zone: Zone; readonly share: number }[];
}

/** Where the clients of each zone go, by who asks for what from where. */
export class ZoneTraffic {
	readonly #services = new Map<string, ServiceDemand>();
	/** Services whose demand does not count yet, or was never looked at. */
	readonly #pending = new Set<string>();
	#seen = new WeakMap<ResourceSet, number>();
	#sets = 0;

	/** Undefined where clients of the place get what those get of whose place it is a part. */
	shareOf(service: ServiceState, place: Place): PlaceShare | undefined {
		const { endpoints, definition } = service;
		const { subset } = definition;
		const chosen = subset && place.group !== undefined ? subsetOf(endpoints, subset, place.group) : undefined;
		if (place.group !== undefined && !chosen) return undefined;
		const plan = this.#planOf(service, place);
		if (!chosen && !plan) return undefined;
		return { key: `${chosen ? place.group : ""} ${plan?.key ?? ""}`, endpoints: chosen ?? endpoints, plan };
	}

	#planOf(service: ServiceState, { zone, key: own, whole }: Place): ZonePlan | undefined {
		const zones = zone && zonesOf(service);
		if (!zones) return undefined;
		const { minEndpoints } = service.definition.zones ?? DEFAULT_ZONES;
		const demand = this.#services.get(service.name);
		if (!demand || demand.isEmpty) {
			this.#pending.add(service.name);
			return undefined;
		}
		const { plans, madeOf } = demand;
		// All groups of a zone have its plan.
		const key = whole?.key ?? own;
		if (madeOf[0] !== zones || madeOf[1] !== minEndpoints) {
			plans.clear();
			demand.madeOf = [zones, minEndpoints];
		}
		if (!plans.has(key)) plans.set(key, planFor(zone, zones, demand.counted(), minEndpoints));
		return plans.get(key);
	}

	/** Whether somebody has come or gone, or some of these do not count yet. @param sets those of the places in use. */
	mustLook(sets: readonly PlaceSet[]): boolean {
		const isOther = sets.length !== this.#sets || sets.some(({ set }) => this.#seen.get(set) !== set.asking.changes);
		this.#sets = sets.length;
		for (const { set } of sets) this.#seen.set(set, set.asking.changes);
		return isOther || this.#pending.size > 0;
	}

	/** @returns whether the clients of some zone may have to go elsewhere. @param now milliseconds. */
	look(service: ServiceState, sets: readonly PlaceSet[], now: number): boolean {
		const { name } = service;
		const known = this.#services.get(name);
		// Where only the endpoints are in the way for now, the clients stay known for when that is over.
		if (!zonesOf(service) && (!known || !splitsByZone(service.definition))) {
			this.forget(name);
			return false;
		}
		const demand = known ?? new ServiceDemand();
		const isOther = demand.observe(clientsOf(name, sets), now);
		if (demand.isEmpty && !demand.isPending) {
			this.forget(name);
			return isOther;
		}
		if (!known) this.#services.set(name, demand);
		if (demand.isPending) this.#pending.add(name);
		else this.#pending.delete(name);
		return isOther;
	}

	forget(name: string): void {
		this.#services.delete(name);
		this.#pending.delete(name);
	}

	/** Undefined where the service is not split by zones. */
	rowsOf(service: ServiceState): readonly ZoneRows[] | undefined {
		const zones = zonesOf(service);
		if (!zones) return undefined;
		const { minEndpoints } = service.definition.zones ?? DEFAULT_ZONES;
		const demand = this.#services.get(service.name);
		const counted = [...(demand?.counted() ?? [])];
		const seen = [...(demand?.seen() ?? [])];
		return [...zones].flatMap(([priority, capacities]) => {
			const balance = new ZoneBalance(capacities, demandAmong(capacities, counted), minEndpoints);
			const clients = new Map(demandAmong(capacities, seen).map((each) => [zoneKey(each), each.clients]));
			return balance.rows.map(({ region, zone, capacity, demand: part, keeps, spills }) => ({
				...{ region, zone, priority, clients: clients.get(zoneKey({ region, zone })) ?? 0 },
				...{ capacity, demand: counted.length === 0 ? 0 : part, keeps, spills },
				to: balance.sharesOf({ region, zone }),
			}));
		});
	}
}

function zonesOf({ known, definition, endpoints }: ServiceState): ServiceZones | undefined {
	return known && splitsByZone(definition) ? serviceZones(endpoints) : undefined;
}

/** A delta stream that has given up some of the names that it began with counts for these until it has given up all. */
function clientsOf(name: string, sets: readonly PlaceSet[]): Iterable<ZoneDemand> {
	const zones = new Map<string, ZoneDemand>();
	for (const { set, place } of sets) {
		const zone = place?.zone;
		const clients = zone ? set.asking.count(name) : 0;
		if (!zone || clients === 0) continue;
		const key = zoneKey(zone);
		zones.set(key, { ...zone, clients: clients + (zones.get(key)?.clients ?? 0) });
	}
	return zones.values();
}
