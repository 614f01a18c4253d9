import { type Zone, zoneKey } from "./zone.js";

/** Where clients run, as far as it decides what endpoints they get. */
export interface Place {
	/** Equal exactly for equal places; without a space. */
	readonly key: string;
	readonly zone: Zone;
}

export function placeIn(zone: Zone): Place {
	return { key: encodeURIComponent(zoneKey(zone)), zone };
}
