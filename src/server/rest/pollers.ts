import type { ResourceSet } from "../../cache/resource-set.js";
import { type Limits, shareOf } from "../../model/limits.js";
import type { Place } from "../../model/zones/place.js";
import type { Zone } from "../../model/zones/zone.js";
import { Shares } from "../../util/shares.js";
import { weightOf } from "../transport/names/all-names.js";
import { Places } from "../transport/places.js";

/** Between two looks at who has gone: milliseconds. */
const LOOK_MS = 5_000;

/** Characters of a node id that tell pollers apart. */
const MAX_NODE = 256;

/** Who polls, as far as that tells pollers apart. */
interface Caller {
	readonly node: string;
	/** An address. */
	readonly peer: string;
	readonly locality: Zone | undefined;
}

interface Asked {
	readonly set: ResourceSet;
	readonly at: number;
}

/** A client in a zone that polls. It counts there for the names that it has asked for of late. */
export interface Poller {
	readonly key: string;
	readonly peer: string;
	readonly place: Place;
	/** Those asked for last stand last. */
	readonly names: Map<string, Asked>;
	readonly changed: () => void;
	at: number;
}

/**
 * The clients that poll and name a zone. A poll ends with its answer, so each counts until it has not asked for some time.
 * There are only so many of them, and of names that they ask for: who is beyond gets what clients without a zone get.
 */
export class Pollers {
	/** Who polled last stands last. */
	readonly #pollers = new Map<string, Poller>();
	readonly #goneAfter: number;
	readonly #places: Places;
	readonly #room: Shares;
	readonly #names: Shares;
	#timer: NodeJS.Timeout | undefined;

	/** @param limits those that apply now. @param goneAfter milliseconds. */
	constructor(limits: () => Limits, goneAfter: number) {
		this.#goneAfter = goneAfter;
		this.#places = new Places(limits);
		this.#room = new Shares(
			() => limits().streams,
			() => shareOf(limits().streams),
		);
		this.#names = new Shares(
			() => limits().allNames,
			() => shareOf(limits().allNames, limits().names),
		);
	}

	get count(): number {
		return this.#pollers.size;
	}

	/** @param now milliseconds. @returns undefined for who names neither zone nor region; the limit where there is no room. */
	enter({ node, peer, locality }: Caller, now: number): Poller | "zones" | "streams" | undefined {
		this.dropGone(now);
		const place = this.#places.enter(locality, peer);
		if (place === "full") return "zones";
		if (!place) return undefined;
		const key = JSON.stringify([peer, node.slice(0, MAX_NODE), place.key]);
		const known = this.#pollers.get(key);
		if (known || !this.#room.take(peer)) this.#places.leave(place);
		else return this.#add({ key, peer, place, names: new Map(), changed: () => {}, at: now });
		if (!known) return "streams";
		known.at = now;
		this.#pollers.delete(key);
		return this.#add(known);
	}

	/**
	 * It asks for these names of its set. Those that do not exist, or are not for it, count for nothing.
	 * @returns whether there was room for all; if not, none is new.
	 */
	asks(poller: Poller, set: ResourceSet, names: readonly string[], now: number): boolean {
		this.#forgetOld(poller, now);
		const added = new Set<string>();
		for (const name of names) {
			const known = poller.names.get(name);
			if (known) poller.names.delete(name);
			if (known?.set === set) poller.names.set(name, { set, at: now });
			else if (known) this.#forget(poller, name, known);
			if (known?.set !== set && set.scope.allows(name) && set.holds(name)) added.add(name);
		}
		if (!this.#names.take(poller.peer, weightOf(added))) return false;
		for (const name of added) {
			set.subscribe(name, poller);
			poller.names.set(name, { set, at: now });
		}
		return true;
	}

	/** Those count no more that have not polled for long. */
	dropGone(now: number): void {
		for (const poller of this.#pollers.values()) {
			if (now - poller.at < this.#goneAfter) break;
			this.#drop(poller);
		}
		if (this.#pollers.size === 0) this.#stop();
	}

	/** None counts any more. */
	close(): void {
		for (const poller of this.#pollers.values()) this.#drop(poller);
		this.#stop();
	}

	#add(poller: Poller): Poller {
		this.#pollers.set(poller.key, poller);
		this.#timer ??= setInterval(() => this.dropGone(performance.now()), LOOK_MS).unref();
		return poller;
	}

	#drop(poller: Poller): void {
		this.#pollers.delete(poller.key);
		for (const [name, asked] of poller.names) this.#forget(poller, name, asked);
		this.#places.leave(poller.place);
		this.#room.give(poller.peer);
	}

	#forgetOld(poller: Poller, now: number): void {
		for (const [name, asked] of poller.names) {
			if (now - asked.at < this.#goneAfter) break;
			poller.names.delete(name);
			this.#forget(poller, name, asked);
		}
	}

	#forget(poller: Poller, name: string, { set }: Asked): void {
		set.unsubscribe(name, poller);
		this.#names.give(poller.peer, weightOf([name]));
	}

	#stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}
}
