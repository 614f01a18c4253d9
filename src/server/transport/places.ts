import { type Limits, shareOf } from "../../model/limits.js";
import { GROUPS } from "../../model/traffic/subset.js";
import { type Place, placeIn, placeOfGroup } from "../../model/zones/place.js";
import { zoneOf } from "../../model/zones/zone.js";
import { Shares } from "../../util/shares.js";

/** So many zones each peer may bring, be it a fourth or not. */
const MIN_SHARE = 16;

/** Groups that there may be for each zone that there may be. */
const GROUPS_A_ZONE = 4;

interface Used {
	readonly place: Place;
	readonly peer: string;
	streams: number;
}

/**
 * The places that clients are in. Strangers choose theirs, and each has resources of its own: there are only so many zones
 * at a time, and so many groups in them besides, and each counts for the peer that came from there first.
 */
export class Places {
	readonly #used = new Map<string, Used>();
	readonly #zones: Shares;
	/** Apart from the zones, so that groups leave room for these. */
	readonly #groups: Shares;

	/** @param limits those that apply now. */
	constructor(limits: () => Limits) {
		const shares = (total: () => number, min: number) => new Shares(total, () => shareOf(total(), min));
		this.#zones = shares(() => limits().zones, MIN_SHARE);
		this.#groups = shares(() => limits().zones * GROUPS_A_ZONE, GROUPS);
	}

	/**
	 * The place of one more stream, until it leaves it.
	 * @param peer an address.
	 * @returns undefined for a client that names neither zone nor region; `full` where there is no room for another.
	 */
	enter(locality: Parameters<typeof zoneOf>[0], peer: string): Place | "full" | undefined {
		const zone = zoneOf(locality);
		if (!zone) return undefined;
		return this.#enter(placeIn(zone), peer);
	}

	/**
	 * The place of the stream's group besides that of its zone, until it leaves it.
	 * @param whole the place of its zone; undefined for a client that names none.
	 */
	enterGroup(group: number, whole: Place | undefined, peer: string): Place | "full" {
		return this.#enter(placeOfGroup(group, whole), peer);
	}

	leave({ key }: Place): void {
		const used = this.#used.get(key);
		if (!used || --used.streams > 0) return;
		this.#used.delete(key);
		this.#sharesOf(used.place).give(used.peer);
	}

	#enter(place: Place, peer: string): Place | "full" {
		const used = this.#used.get(place.key);
		if (used) used.streams++;
		else if (!this.#sharesOf(place).take(peer)) return "full";
		else this.#used.set(place.key, { place, peer, streams: 1 });
		return used?.place ?? place;
	}

	#sharesOf({ group }: Place): Shares {
		return group === undefined ? this.#zones : this.#groups;
	}
}
