import { isHashing, type Policies } from "../policies/policies.js";

/** Where the clients of a zone are sent. */
export interface ZoneSettings {
	/** `local`: to endpoints of their own zone first, as far as these bear it. `off`: to all alike. */
	readonly mode: "local" | "off";
	/** A zone with fewer ready endpoints keeps only a part of what it could bear. At least 1. */
	readonly minEndpoints: number;
}

/** What counts unless the service says otherwise: its own zone first, and 2 endpoints at least. */
export const DEFAULT_ZONES: ZoneSettings = { mode: "local", minEndpoints: 2 };

interface Written {
	readonly zones?: ZoneSettings | undefined;
	readonly policies?: Policies | undefined;
}

/** Whether clients of different zones may get different endpoints of a service. */
export function splitsByZone({ zones = DEFAULT_ZONES, policies }: Written): boolean {
	// Where requests are hashed, equal ones go to the same endpoint wherever they come from.
	return zones.mode === "local" && !isHashing(policies);
}
