import type { ZoneRows } from "../../cache/zones/zone-traffic.js";
import type { Zone } from "../../model/zones/zone.js";

export interface ZoneJson {
	readonly region: string;
	/** Empty for a client that names its region alone. */
	readonly zone: string;
}

/** What a zone of a service bears, and where its clients go. Parts of the whole service are from 0 to 1. */
export interface ZoneTrafficJson extends ZoneJson {
	/** The service's own: each is split by itself. */
	readonly priority: number;
	/** How many ask for the service there by now, at this replica; those of a region are parts of one in each of its zones. */
	readonly clients: number;
	/** With those of the other replicas, as far as they say. */
	readonly allClients: number;
	/** What of the weight of all ready endpoints it has. */
	readonly capacity: number;
	/** What of the clients it has, as far as they count yet. */
	readonly demand: number;
	/** What of its demand it serves itself. */
	readonly keeps: number;
	/** What of its demand other zones serve. */
	readonly spills: number;
	/** Where the traffic of its clients goes: parts of theirs. */
	readonly to: readonly (ZoneJson & { readonly share: number })[];
}

export function zoneJson({ to, ...row }: ZoneRows): ZoneTrafficJson {
	return {
		...named(row),
		priority: row.priority,
		clients: hundredths(row.clients),
		allClients: hundredths(row.allClients),
		capacity: rounded(row.capacity),
		demand: rounded(row.demand),
		keeps: rounded(row.keeps),
		spills: rounded(row.spills),
		to: to.map(({ zone, share }) => ({ ...named(zone), share: rounded(share) })),
	};
}

function named({ region, zone }: Zone): ZoneJson {
	return { region, zone };
}

function hundredths(clients: number): number {
	return Number(clients.toFixed(2));
}

function rounded(part: number): number {
	return Number(part.toFixed(6));
}
