import { AddressMap } from "../../model/address-map.js";
import { inCanonicalOrder } from "../../model/canonical-order.js";
import type { Endpoint } from "../../model/endpoint.js";
import type { GuardSettings } from "../../model/keep/safeguards.js";
import { RecentCounts } from "./recent-counts.js";

/** Endpoints that the source no longer has, and that stay for a while. */
export interface Hold {
	/** As they were. */
	readonly endpoints: readonly Endpoint[];
	/** How many there were that got traffic, before they went. */
	readonly before: number;
	readonly since: Date;
	/**
	 * `target`: too many of the target's endpoints would go at once; `registry`: most services of its source would be
	 * empty at once; `waiting`: it is the last one of the target, and others of its source may follow within a second.
	 */
	readonly why: "target" | "registry" | "waiting";
}

/** What a source says now. */
export interface Said {
	readonly endpoints: readonly Endpoint[];
	/** Whether the change was seen while it was watched: not after a gap, and not by asking again and again. */
	readonly live: boolean;
	/** In milliseconds of `performance.now()`. */
	readonly now: number;
}

/** Decides what of a target's endpoints is held because too many of them would go at once. It has no timers. */
export class RemovalGuard {
	readonly #recent = new RecentCounts();
	/** What the source said last. */
	#said: readonly Endpoint[] = [];
	#hold: Hold | undefined;
	#served: readonly Endpoint[] = [];

	get hold(): Hold | undefined {
		return this.#hold;
	}

	/** What the source says, and what is held. */
	get served(): readonly Endpoint[] {
		return this.#served;
	}

	/** Begins with what was served by an earlier process. */
	restore(endpoints: readonly Endpoint[], hold: Hold | undefined, now: number): void {
		this.#said = endpoints;
		this.#serve(hold);
		this.#recent.reset(presentCount(this.#served), now);
	}

	/** Takes what the source says. @param guard nothing is held without it. */
	next({ endpoints, live, now }: Said, guard: GuardSettings | undefined): void {
		const before = this.#said;
		const most = this.#mostBefore(endpoints, now);
		this.#said = endpoints;
		const after = presentCount(endpoints);
		if (!guard) this.release(now);
		else if (this.#hold) this.#holdOn(this.#hold, before, guard, now);
		else if (isFloorBroken(most, after, guard) || (isTooMuch(most, after, guard) && !(live && after > 0))) {
			this.#serve(this.#holdOf(most, "target"));
			if (!this.#hold) this.#recent.set(after, now);
		} else {
			this.#serve(undefined);
			this.#recent.set(after, now);
		}
	}

	/** Whether the last ready endpoint would go that was not draining. */
	isEmptied(now: number): boolean {
		return presentCount(this.#said) === 0 && this.#recent.most(now) > 0;
	}

	/** Holds what is served and the source does not have, for the sake of its registry. */
	holdFor(why: "registry" | "waiting", served: readonly Endpoint[], now: number): void {
		this.#served = served;
		const hold = this.#hold ?? this.#holdOf(Math.max(presentCount(served), this.#recent.most(now)), why);
		this.#serve(hold && { ...hold, why });
	}

	/** Ends the hold: what the source says is served. */
	release(now: number): void {
		this.#serve(undefined);
		this.#recent.reset(presentCount(this.#said), now);
	}

	/** What the source said is not served either. */
	forget(now: number): void {
		this.#hold = undefined;
		this.#served = this.#said;
		this.#recent.reset(0, now);
	}

	/** @returns the most there were in the last 5 s, without those that were draining before they went. */
	#mostBefore(endpoints: readonly Endpoint[], now: number): number {
		const draining = this.#said.filter(({ health }) => health === "draining");
		if (draining.length > 0) {
			const present = addressesOf(endpoints, isPresent);
			this.#recent.without(draining.filter((e) => !present.has(e)).length);
		}
		return this.#recent.most(now);
	}

	#holdOn(hold: Hold, before: readonly Endpoint[], guard: GuardSettings, now: number): void {
		const present = addressesOf(this.#said, isPresent);
		const draining = addressesOf(this.#said, ({ health }) => health === "draining");
		// Those that go in order now do not count at all.
		const drained = hold.endpoints.filter((e) => draining.has(e)).length;
		const were = hold.before - drained;
		const after = presentCount(this.#said) - drained;
		const isForRegistry = hold.why !== "target" && after === 0;
		if (!isForRegistry && !isShareLost(were, after, guard) && !isFloorBroken(were, after, guard)) {
			this.release(now);
			return;
		}
		const kept = hold.endpoints.filter((e) => !present.has(e));
		const gone = before.filter((e) => getsTraffic(e) && !present.has(e));
		const had = presentCount(before);
		if (gone.length > 0 && (isTooMuch(had, after, guard) || isFloorBroken(had, after, guard))) {
			this.#serve({ ...hold, endpoints: [...kept, ...gone], since: new Date() });
		} else if (kept.length === 0) this.release(now);
		else this.#serve(kept.length === hold.endpoints.length ? hold : { ...hold, before: were, endpoints: kept });
	}

	#holdOf(before: number, why: Hold["why"]): Hold | undefined {
		const present = addressesOf(this.#said, isPresent);
		const endpoints = this.#served.filter((e) => getsTraffic(e) && !present.has(e));
		return endpoints.length === 0 ? undefined : { endpoints, before, since: new Date(), why };
	}

	#serve(hold: Hold | undefined): void {
		this.#hold = hold;
		if (!hold) {
			this.#served = this.#said;
			return;
		}
		const held = addressesOf(hold.endpoints, () => true);
		this.#served = inCanonicalOrder([...this.#said.filter((e) => !held.has(e)), ...hold.endpoints]);
	}
}

/** Of how many more than the percentage may go. One endpoint alone is no share. */
function isTooMuch(before: number, after: number, guard: GuardSettings): boolean {
	return before >= 2 && isShareLost(before, after, guard);
}

function isShareLost(before: number, after: number, { maxRemovalPercent }: GuardSettings): boolean {
	return (before - after) * 100 > maxRemovalPercent * before;
}

function isFloorBroken(before: number, after: number, { minEndpoints }: GuardSettings): boolean {
	return before >= minEndpoints && after < minEndpoints;
}

/** A degraded endpoint gets traffic when there is no other. */
function getsTraffic({ health, weight }: Endpoint): boolean {
	return weight > 0 && (health === "healthy" || health === "unknown" || health === "degraded");
}

/** Whether it does not count as gone: it gets traffic, or is about to go in order. */
function isPresent(e: Endpoint): boolean {
	return getsTraffic(e) || e.health === "draining";
}

function presentCount(endpoints: readonly Endpoint[]): number {
	let count = 0;
	for (const e of endpoints) if (isPresent(e)) count++;
	return count;
}

function addressesOf(endpoints: readonly Endpoint[], which: (e: Endpoint) => boolean): AddressMap<true> {
	const addresses = new AddressMap<true>();
	for (const e of endpoints) if (which(e)) addresses.set(e, true);
	return addresses;
}
