import { type Limits, shareOf } from "../../model/limits.js";
import { type Place, placeIn } from "../../model/zones/place.js";
import { zoneOf } from "../../model/zones/zone.js";
import { Shares } from "../../util/shares.js";

/** So many zones each peer may bring, be it a fourth or not. */
const MIN_SHARE = 16;

interface Used {
	readonly place: Place;
	readonly peer: string;
	streams: number;
}

/**
 * The places that clients are in. Strangers choose theirs, and each has resources of its own: there are only so many at a
 * time, and each counts for the peer that came from there first.
 */
export class Places {
	readonly #used = new Map<string, Used>();
	readonly #shares: Shares;

	/** @param limits those that apply now. */
	constructor(limits: () => Limits) {
		this.#shares = new Shares(
			() => limits().zones,
			() => shareOf(limits().zones, MIN_SHARE),
		);
	}

	/**
	 * The place of one more stream, until it leaves it.
	 * @param peer an address.
	 * @returns undefined for a client that names no zone; `full` where there is no room for another.
	 */
	enter(locality: Parameters<typeof zoneOf>[0], peer: string): Place | "full" | undefined {
		const zone = zoneOf(locality);
		if (!zone) return undefined;
		const place = placeIn(zone);
		const used = this.#used.get(place.key);
		if (used) used.streams++;
		else if (!this.#shares.take(peer)) return "full";
		else this.#used.set(place.key, { place, peer, streams: 1 });
		return used?.place ?? place;
	}

	leave({ key }: Place): void {
		const used = this.#used.get(key);
		if (!used || --used.streams > 0) return;
		this.#used.delete(key);
		this.#shares.give(used.peer);
	}
}
