import { coarse } from "../../model/zones/coarse.js";
import { type Zone, zoneKey } from "../../model/zones/zone.js";
import type { ZoneDemand } from "../../model/zones/zone-balance.js";
import type { ZonePlan } from "../../model/zones/zone-plan.js";
import type { SeenDemand } from "./other-demand.js";

/** Milliseconds without another client before more of them count. */
const SETTLE_MS = 2_000;
/** Milliseconds after which they count, though still more are coming. */
const LATEST_MS = 10_000;
/** Milliseconds that fewer clients must be fewer before that counts: who restarts has come back by then. */
const FALL_MS = 30_000;
/** By less than this part of what counted, a change does not count, unless it stays. */
const LEAST_CHANGE = 0.1;
/** Milliseconds after which it counts: replicas that see the same for so long have the same count, whatever was before. */
const STEADY_MS = 300_000;
/** A zone with clients counts as at least this part of the largest one. */
const LEAST_PART = 1 / 16;

interface Counted extends Zone {
	/** How many clients count. */
	held: number;
	/** How many there are. */
	seen: number;
	/** How many there may be: with those that nobody can tell of now. */
	most: number;
	/** Since when there are fewer than count. */
	fallingSince: number | undefined;
	/** Since when there are about as many as now. */
	steadySince: number;
}

/**
 * How many clients ask for a service in each zone, as far as it counts: coarse and slow, so that clients that come and go
 * push nothing. Pure: the time is given.
 */
export class ServiceDemand {
	readonly #zones = new Map<string, Counted>();
	#risingSince: number | undefined;
	#seenAt = Number.NEGATIVE_INFINITY;
	#keptUntil = Number.NEGATIVE_INFINITY;
	/** Those that were made for what counts, by place. */
	readonly plans = new Map<string, ZonePlan | undefined>();
	/** What they were made of besides. */
	madeOf: readonly unknown[] = [];

	/** One that begins with what counted before, each zone once. @param until milliseconds: so long no fewer count. */
	static kept(zones: Iterable<ZoneDemand>, until: number): ServiceDemand {
		const demand = new ServiceDemand();
		demand.#keptUntil = until;
		for (const { region, zone, clients } of zones) demand.#add({ region, zone }, until).held = clients;
		return demand;
	}

	/** Whether clients that have come or gone do not count yet. */
	get isPending(): boolean {
		if (this.#risingSince !== undefined) return true;
		for (const { held, seen, fallingSince } of this.#zones.values())
			if (fallingSince !== undefined || held !== coarse(seen)) return true;
		return false;
	}

	/** Whether it is not known of any zone. */
	get isEmpty(): boolean {
		for (const { held } of this.#zones.values()) if (held > 0) return false;
		return true;
	}

	/** How many count, each zone that has any. */
	*held(): Iterable<ZoneDemand> {
		for (const { region, zone, held } of this.#zones.values()) if (held > 0) yield { region, zone, clients: held };
	}

	/** What counts. */
	*counted(): Iterable<ZoneDemand> {
		let most = 0;
		for (const { held } of this.#zones.values()) most = Math.max(most, held);
		for (const { clients, ...zone } of this.held()) yield { ...zone, clients: Math.max(clients, most * LEAST_PART) };
	}

	/**
	 * @param clients those that there are, each zone once; undefined where nobody knows: then nothing counts.
	 * @param now milliseconds.
	 * @returns whether something else counts.
	 */
	observe(clients: Iterable<SeenDemand> | undefined, now: number): boolean {
		if (!clients) return this.#unknown(now);
		this.#see(clients, now);
		const all = [...this.#zones.values()];
		const rising = all.filter(({ held, seen }) => seen > held * (1 + LEAST_CHANGE));
		this.#risingSince = rising.length > 0 ? (this.#risingSince ?? now) : undefined;
		const isSettled = now - this.#seenAt >= SETTLE_MS || now - (this.#risingSince ?? now) >= LATEST_MS;
		const changed = new Set(isSettled ? rising : []);
		for (const each of all) if (this.#hasFallen(each, now) || isSteady(each, now)) changed.add(each);
		for (const each of changed) {
			// More count only where they are there; fewer, where they are certainly not.
			each.held = coarse(each.seen > each.held ? each.seen : each.most);
			each.fallingSince = undefined;
			if (each.held === 0) this.#zones.delete(zoneKey(each));
		}
		if (isSettled) this.#risingSince = undefined;
		if (changed.size > 0) this.plans.clear();
		return changed.size > 0;
	}

	#hasFallen(each: Counted, now: number): boolean {
		if (now < this.#keptUntil || each.most >= each.held * (1 - LEAST_CHANGE)) {
			each.fallingSince = undefined;
			return false;
		}
		each.fallingSince ??= now;
		return now - each.fallingSince >= FALL_MS;
	}

	#unknown(now: number): boolean {
		if (now < this.#keptUntil) return false;
		const counted = !this.isEmpty;
		this.#zones.clear();
		this.#risingSince = undefined;
		return counted;
	}

	#see(clients: Iterable<SeenDemand>, now: number): void {
		const gone = new Set(this.#zones.keys());
		let isOther = false;
		for (const { region, zone, clients: seen, most = seen } of clients) {
			const key = zoneKey({ region, zone });
			gone.delete(key);
			const known = this.#zones.get(key) ?? this.#add({ region, zone }, now);
			isOther = see(known, seen, most, now) || isOther;
		}
		for (const key of gone) {
			const known = this.#zones.get(key) as Counted;
			isOther = see(known, 0, 0, now) || isOther;
			// Nobody of it has counted.
			if (known.held === 0) this.#zones.delete(key);
		}
		if (isOther) this.#seenAt = now;
	}

	#add({ region, zone }: Zone, now: number): Counted {
		const added = { region, zone, held: 0, seen: 0, most: 0, fallingSince: undefined, steadySince: now };
		this.#zones.set(zoneKey(added), added);
		return added;
	}
}

/** @returns whether there are others than before. */
function see(known: Counted, seen: number, most: number, now: number): boolean {
	if (coarse(known.seen) !== coarse(seen) || seen !== most) known.steadySince = now;
	const isOther = known.seen !== seen;
	known.seen = seen;
	known.most = most;
	return isOther;
}

function isSteady({ held, seen, steadySince }: Counted, now: number): boolean {
	return now - steadySince >= STEADY_MS && held !== coarse(seen);
}
