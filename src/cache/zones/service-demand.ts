import { type Zone, zoneKey } from "../../model/zones/zone.js";
import type { ZoneDemand } from "../../model/zones/zone-balance.js";
import type { ZonePlan } from "../../model/zones/zone-plan.js";

/** Milliseconds without another client before more of them count. */
const SETTLE_MS = 2_000;
/** Milliseconds after which they count, though still more are coming. */
const LATEST_MS = 10_000;
/** Milliseconds that fewer clients must be fewer before that counts: who restarts has come back by then. */
const FALL_MS = 30_000;
/** By less than this part of what counted, a change does not count. */
const LEAST_CHANGE = 0.1;
/** A zone with clients counts as at least this part of the largest one. */
const LEAST_PART = 1 / 16;

interface Counted extends Zone {
	/** How many clients count. */
	held: number;
	/** How many there are. */
	seen: number;
	/** Since when there are fewer than count. */
	fallingSince: number | undefined;
}

/**
 * How many clients ask for a service in each zone, as far as it counts: coarse and slow, so that clients that come and go
 * push nothing. Pure: the time is given.
 */
export class ServiceDemand {
	readonly #zones = new Map<string, Counted>();
	#risingSince: number | undefined;
	#seenAt = Number.NEGATIVE_INFINITY;
	/** Those that were made for what counts, by place. */
	readonly plans = new Map<string, ZonePlan | undefined>();
	/** What they were made of besides. */
	madeOf: readonly unknown[] = [];

	/** Whether clients that have come or gone do not count yet. */
	get isPending(): boolean {
		if (this.#risingSince !== undefined) return true;
		for (const { fallingSince } of this.#zones.values()) if (fallingSince !== undefined) return true;
		return false;
	}

	/** Whether it is not known of any zone. */
	get isEmpty(): boolean {
		for (const { held } of this.#zones.values()) if (held > 0) return false;
		return true;
	}

	/** How many clients there are in a zone, whether they count yet or not. */
	*seen(): Iterable<ZoneDemand> {
		for (const { region, zone, seen } of this.#zones.values()) yield { region, zone, clients: seen };
	}

	/** What counts. */
	*counted(): Iterable<ZoneDemand> {
		let most = 0;
		for (const { held } of this.#zones.values()) most = Math.max(most, held);
		for (const { region, zone, held } of this.#zones.values()) {
			if (held > 0) yield { region, zone, clients: Math.max(held, most * LEAST_PART) };
		}
	}

	/**
	 * @param clients those that there are, each zone with some once.
	 * @param now milliseconds.
	 * @returns whether something else counts.
	 */
	observe(clients: Iterable<ZoneDemand>, now: number): boolean {
		this.#see(clients, now);
		const all = [...this.#zones.values()];
		const rising = all.filter(({ held, seen }) => seen > held * (1 + LEAST_CHANGE));
		this.#risingSince = rising.length > 0 ? (this.#risingSince ?? now) : undefined;
		const isSettled = now - this.#seenAt >= SETTLE_MS || now - (this.#risingSince ?? now) >= LATEST_MS;
		const changed = isSettled ? rising : [];
		for (const each of all) {
			const isFalling = each.seen < each.held * (1 - LEAST_CHANGE);
			each.fallingSince = isFalling ? (each.fallingSince ?? now) : undefined;
			if (isFalling && now - (each.fallingSince ?? now) >= FALL_MS) changed.push(each);
		}
		for (const each of changed) {
			each.held = each.seen;
			each.fallingSince = undefined;
			if (each.held === 0) this.#zones.delete(zoneKey(each));
		}
		if (isSettled) this.#risingSince = undefined;
		if (changed.length > 0) this.plans.clear();
		return changed.length > 0;
	}

	#see(clients: Iterable<ZoneDemand>, now: number): void {
		const gone = new Set(this.#zones.keys());
		let isOther = false;
		for (const { region, zone, clients: seen } of clients) {
			const key = zoneKey({ region, zone });
			gone.delete(key);
			const known = this.#zones.get(key);
			isOther ||= known?.seen !== seen;
			if (known) known.seen = seen;
			else this.#zones.set(key, { region, zone, held: 0, seen, fallingSince: undefined });
		}
		for (const key of gone) {
			const known = this.#zones.get(key) as Counted;
			isOther ||= known.seen !== 0;
			known.seen = 0;
			// Nobody of it has counted.
			if (known.held === 0) this.#zones.delete(key);
		}
		if (isOther) this.#seenAt = now;
	}
}
