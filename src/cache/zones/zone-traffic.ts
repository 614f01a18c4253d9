import type { ServiceState } from "../../catalog/service-state.js";
import type { Endpoint } from "../../model/endpoint.js";
import { subsetOf } from "../../model/traffic/subset.js";
import type { Place } from "../../model/zones/place.js";
import { type Zone, zoneKey } from "../../model/zones/zone.js";
import { ZoneBalance, type ZoneDemand } from "../../model/zones/zone-balance.js";
import { demandAmong, planFor, type ServiceZones, serviceZones, type ZonePlan } from "../../model/zones/zone-plan.js";
import { DEFAULT_ZONES, splitsByZone } from "../../model/zones/zone-settings.js";
import type { ResourceSet } from "../resource-set.js";
import { NO_OTHERS, type OtherDemand, type SeenDemand } from "./other-demand.js";
import { OwnDemand } from "./own-demand.js";
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
	/** How many clients of this replica ask for the service there by now. */
	readonly clients: number;
	/** With those of the other replicas. */
	readonly allClients: number;
	/** Parts of the service, from 0 to 1. */
	readonly capacity: number;
	readonly demand: number;
	readonly keeps: number;
	readonly spills: number;
	/** Where its clients' traffic goes: parts of it. */
	readonly to: readonly { readonly zone: Zone; readonly share: number }[];
}

/** How many clients count for each service. */
export type KeptDemand = ReadonlyMap<string, readonly ZoneDemand[]>;

/** Where the clients of each zone go, by who asks for what from where. */
export class ZoneTraffic {
	readonly own = new OwnDemand();
	readonly #others: OtherDemand;
	readonly #services = new Map<string, ServiceDemand>();
	/** What counted before the start, of services that nobody has asked for yet. */
	readonly #kept = new Map<string, readonly ZoneDemand[]>();
	#keptUntil = Number.NEGATIVE_INFINITY;
	#wasKnown = true;
	/** Services whose demand does not count yet, or was never looked at. */
	readonly #pending = new Set<string>();
	#seen = new WeakMap<ResourceSet, number>();
	#sets = 0;

	constructor(others: OtherDemand = NO_OTHERS) {
		this.#others = others;
	}

	/** Begins with what counted before. @param until as `now` of look(): so long no fewer clients count. */
	keep(demand: KeptDemand, until: number): void {
		for (const [name, zones] of demand) this.#kept.set(name, zones);
		this.#keptUntil = until;
	}

	/** What counts of each service. */
	*held(): Iterable<readonly [name: string, zones: readonly ZoneDemand[]]> {
		yield* this.#kept;
		for (const [name, demand] of this.#services) if (!demand.isEmpty) yield [name, [...demand.held()]];
	}

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
		const demand = this.#demandOf(service.name);
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

	/**
	 * The services to look at: all where somebody has come or gone, else those of which some clients do not count yet, or
	 * of which other replicas say something else.
	 * @param sets those of the places in use. @param all the names of all services. @param now milliseconds.
	 */
	due(sets: readonly PlaceSet[], all: () => Iterable<string>, now: number): readonly string[] {
		const { isKnown } = this.#others;
		const wasKnown = this.#wasKnown;
		const isOther = sets.length !== this.#sets || sets.some(({ set }) => this.#seen.get(set) !== set.asking.changes);
		this.#sets = sets.length;
		this.#wasKnown = isKnown;
		for (const { set } of sets) this.#seen.set(set, set.asking.changes);
		if (now >= this.#keptUntil) this.#kept.clear();
		const changed = this.#others.takeChanged();
		return [...(isOther || wasKnown !== isKnown ? all() : new Set([...this.#pending, ...changed]))];
	}

	/** @returns whether the clients of some zone may have to go elsewhere. @param now milliseconds. */
	look(service: ServiceState, sets: readonly PlaceSet[], now: number): boolean {
		const { name } = service;
		const known = this.#demandOf(name);
		// Where only the endpoints are in the way for now, the clients stay known for when that is over.
		if (!zonesOf(service) && (!known || !splitsByZone(service.definition))) {
			this.#forgetDemand(name);
			return false;
		}
		const demand = known ?? new ServiceDemand();
		this.own.note(name, clientsOf(name, sets));
		const isOther = demand.observe(this.#others.isKnown ? this.#clients(name) : undefined, now);
		if (demand.isEmpty && !demand.isPending) {
			this.#services.delete(name);
			this.#pending.delete(name);
			return isOther;
		}
		if (!known) this.#services.set(name, demand);
		if (demand.isPending) this.#pending.add(name);
		else this.#pending.delete(name);
		return isOther;
	}

	/** There is no such service any more. */
	forget(name: string): void {
		this.#kept.delete(name);
		this.#forgetDemand(name);
	}

	#forgetDemand(name: string): void {
		this.own.note(name, []);
		this.#services.delete(name);
		this.#pending.delete(name);
	}

	#demandOf(name: string): ServiceDemand | undefined {
		const kept = this.#kept.get(name);
		if (kept) {
			this.#kept.delete(name);
			this.#services.set(name, ServiceDemand.kept(kept, this.#keptUntil));
			this.#pending.add(name);
		}
		return this.#services.get(name);
	}

	/** Those of all replicas, each zone once. */
	#clients(name: string): Iterable<SeenDemand> {
		const own = this.own.of(name);
		const others = [...this.#others.of(name)];
		if (others.length === 0) return own;
		const sums = new Map<string, SeenDemand>(others.map((each) => [zoneKey(each), each]));
		for (const { clients, ...zone } of own) {
			const { clients: more = 0, most = more } = sums.get(zoneKey(zone)) ?? {};
			sums.set(zoneKey(zone), { ...zone, clients: clients + more, most: clients + most });
		}
		return sums.values();
	}

	/** Undefined where the service is not split by zones. */
	rowsOf(service: ServiceState): readonly ZoneRows[] | undefined {
		const zones = zonesOf(service);
		if (!zones) return undefined;
		const { minEndpoints } = service.definition.zones ?? DEFAULT_ZONES;
		const demand = this.#services.get(service.name);
		const counted = [...(demand?.counted() ?? [])];
		return [...zones].flatMap(([priority, capacities]) => {
			const balance = new ZoneBalance(capacities, demandAmong(capacities, counted), minEndpoints);
			const [own, all] = [this.own.of(service.name), this.#clients(service.name)].map(
				(seen) => new Map(demandAmong(capacities, seen).map((each) => [zoneKey(each), each.clients])),
			);
			return balance.rows.map(({ region, zone, capacity, demand: part, keeps, spills }) => ({
				...{ region, zone, priority, clients: own?.get(zoneKey({ region, zone })) ?? 0 },
				allClients: all?.get(zoneKey({ region, zone })) ?? 0,
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
