/** Where an endpoint runs. Every part may be empty. */
export interface Locality {
	readonly region: string;
	readonly zone: string;
	readonly subZone: string;
}

export const NO_LOCALITY: Locality = { region: "", zone: "", subZone: "" };

/** A text that is equal exactly for equal localities. */
export function localityKey(locality: Locality): string {
	return `${locality.region}\0${locality.zone}\0${locality.subZone}`;
}

export function sameLocality(a: Locality, b: Locality): boolean {
	return a === b || (a.region === b.region && a.zone === b.zone && a.subZone === b.subZone);
}

/** `eu/eu-1a/r1`, without what is empty at the end; empty for none. */
export function localityText({ region, zone, subZone }: Locality): string {
	return [region, zone, subZone].join("/").replace(/\/+$/, "");
}
