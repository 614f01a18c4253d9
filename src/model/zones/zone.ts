import { compareText } from "../endpoint.js";

/** A zone of a region, as endpoints and clients name it. */
export interface Zone {
	/** Empty where nobody says it. */
	readonly region: string;
	/** Empty for clients that name their region alone. */
	readonly zone: string;
}

/** A text that is equal exactly for equal zones. */
export function zoneKey({ region, zone }: Zone): string {
	return `${region}\0${zone}`;
}

/** By code unit: the same on every machine. */
export function compareZones(a: Zone, b: Zone): number {
	return compareText(a.region, b.region) || compareText(a.zone, b.zone);
}

/** Longer names of strangers are not kept. */
const MAX_NAME = 128;

/** The zone of an endpoint; undefined where it names none. */
export function endpointZone(locality: Zone): Zone | undefined {
	return locality.zone === "" ? undefined : zoneOf(locality);
}

/** The zone of a client's locality, or its region alone; undefined where it names neither. */
export function zoneOf(locality: Zone | undefined): Zone | undefined {
	if (!locality || (locality.zone === "" && locality.region === "")) return undefined;
	const { region, zone } = locality;
	return region.length > MAX_NAME || zone.length > MAX_NAME ? undefined : { region, zone };
}

/**
 * The zone by the name that endpoints give it. Sources such as EndpointSlices know no regions: where one side names no
 * region, the zone's name decides.
 * @param among the zones with endpoints.
 */
export function sameZoneAmong(zone: Zone, among: readonly Zone[]): Zone {
	const named = among.filter((each) => each.zone === zone.zone);
	const exact = named.find(({ region }) => region === zone.region);
	if (exact) return exact;
	const loose = named.filter(({ region }) => region === "" || zone.region === "");
	return loose.length === 1 ? (loose[0] as Zone) : zone;
}
