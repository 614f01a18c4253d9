import { type Zone, zoneKey } from "./zone.js";

/** What decides which endpoints clients get: where they run, and the group that they are in. */
export interface Place {
	/** Equal exactly for equal places; without a space. */
	readonly key: string;
	/** Undefined for clients that name none. */
	readonly zone: Zone | undefined;
	/** Undefined while no service tells groups apart. */
	readonly group: number | undefined;
	/** The place of clients of any group, for one of a group in a zone. */
	readonly whole: Place | undefined;
}

export function placeIn(zone: Zone): Place {
	return { key: encodeURIComponent(zoneKey(zone)), zone, group: undefined, whole: undefined };
}

/** The place of a group. @param whole that of its clients whatever their group; undefined where that makes no difference. */
export function placeOfGroup(group: number, whole: Place | undefined): Place {
	return { key: `${whole?.key ?? ""}#${group}`, zone: whole?.zone, group, whole };
}
