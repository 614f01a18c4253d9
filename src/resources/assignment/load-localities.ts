import type { Endpoint } from "../../model/endpoint.js";
import type { Locality } from "../../model/locality.js";
import { zoneKey } from "../../model/zones/zone.js";
import type { AssignedLocality } from "./encode/assigned-locality.js";
import { randomLocalities } from "./random-localities.js";

/**
 * As envoyLocalities(), for Envoys that go by the load of endpoints within a locality: all of a priority are in one, so that
 * the load alone decides.
 */
export function loadLocalities(endpoints: readonly Endpoint[]): readonly AssignedLocality[] {
	return joined(randomLocalities(endpoints), () => "");
}

/** The same where zones have shares of their own: those of a zone are in one. */
export function loadLocalitiesByZone(endpoints: readonly Endpoint[]): readonly AssignedLocality[] {
	return joined(randomLocalities(endpoints), ({ locality }) => zoneKey(locality));
}

function joined(
	localities: readonly AssignedLocality[],
	partOf: (locality: AssignedLocality) => string,
): readonly AssignedLocality[] {
	const parts = Map.groupBy(localities, (each) => `${each.priority} ${partOf(each)}`);
	return [...parts.values()].map((members) => {
		const [first, ...others] = members as [AssignedLocality, ...AssignedLocality[]];
		if (others.length === 0) return first;
		return {
			locality: members.map(({ locality }) => locality).reduce(commonOf),
			priority: first.priority,
			weight: members.reduce((sum, { weight }) => sum + weight, 0),
			endpoints: members.flatMap(({ endpoints }) => endpoints),
		};
	});
}

/** As far as both say the same. */
function commonOf(a: Locality, b: Locality): Locality {
	const region = a.region === b.region ? a.region : "";
	const zone = a.region === b.region && a.zone === b.zone ? a.zone : "";
	return { region, zone, subZone: zone !== "" && a.subZone === b.subZone ? a.subZone : "" };
}
