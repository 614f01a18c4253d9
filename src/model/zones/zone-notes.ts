import { addressOf, type Endpoint, readyEndpoints } from "../endpoint.js";
import { endpointZone, zoneKey } from "./zone.js";
import { splitsByZone } from "./zone-settings.js";

/** So many endpoints are named; of more it is said how many. */
const NAMED = 3;

const NONE: readonly string[] = [];
const KNOWN = new WeakMap<readonly Endpoint[], readonly string[]>();

/**
 * What keeps clients from their zones where there are several: ready endpoints that name none. A sentence, or nothing.
 * @param endpoints of the service, in canonical order.
 */
export function zoneNotes(
	definition: Parameters<typeof splitsByZone>[0],
	endpoints: readonly Endpoint[],
): readonly string[] {
	if (!splitsByZone(definition)) return NONE;
	const known = KNOWN.get(endpoints) ?? notesOn(endpoints);
	KNOWN.set(endpoints, known);
	return known;
}

function notesOn(endpoints: readonly Endpoint[]): readonly string[] {
	if (!endpoints.some(({ locality }) => locality.zone !== "")) return NONE;
	const ready = readyEndpoints(endpoints);
	const without = ready.filter(({ locality }) => !endpointZone(locality));
	if (without.length === 0) return NONE;
	const zones = new Set<string>();
	for (const { locality } of ready) {
		const zone = endpointZone(locality);
		if (zone) zones.add(zoneKey(zone));
	}
	if (zones.size < 2) return NONE;
	const named = without.slice(0, NAMED).map(addressOf).join(", ");
	const more = without.length > NAMED ? ` and ${without.length - NAMED} more` : "";
	const what = `${without.length} of ${ready.length} ready endpoints name no zone (${named}${more})`;
	return [
		`${what}, so clients of zones get all endpoints alike: give each a zone (locality) at its source or target, or say zones: off`,
	];
}
