import type { ZoneDemand } from "../../model/zones/zone-balance.js";

/** Clients of a zone. */
export interface SeenDemand extends ZoneDemand {
	/** With those of whom nobody can tell now whether they are there; as many as `clients` unless given. */
	readonly most?: number;
}

/** What other replicas say of their clients. */
export interface OtherDemand {
	/** False where there are others, and nobody knows what they have: own clients alone would mislead. */
	readonly isKnown: boolean;
	/** Of a service, each zone once. */
	of(service: string): Iterable<SeenDemand>;
	/** The services of which something else is said since the last call. */
	takeChanged(): Iterable<string>;
}

/** There is one replica, or each counts its own clients. */
export const NO_OTHERS: OtherDemand = { isKnown: true, of: () => [], takeChanged: () => [] };
