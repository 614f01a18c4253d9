import type { Openness } from "../catalog/discover/discovered-services.js";
import type { ServiceState } from "../catalog/service-state.js";
import type { Place } from "../model/zones/place.js";
import { encodeServiceInSteps } from "../resources/encode-service.js";
import { EncodedResource } from "../resources/encoded-resource.js";
import type { ResourceType, TypeId } from "../resources/resource-type.js";
import { resourceType } from "../resources/resource-types.js";
import type { View } from "../resources/view.js";
import { atOnce, type Steps } from "../util/steps.js";
import { type CacheEntry, keyOf } from "./cache-entry.js";
import { EntryEncoder } from "./entry-encoder.js";
import type { ResourceProblem } from "./resource-problem.js";
import { ResourceSet } from "./resource-set.js";
import type { Scope } from "./scope.js";
import type { EncodeService, ServiceSource } from "./service-source.js";
import { boundUnused, dropOld, dropUnused } from "./unused-entries.js";
import type { OtherDemand } from "./zones/other-demand.js";
import { ZoneTraffic } from "./zones/zone-traffic.js";

export type { EncodeService, ServiceSource } from "./service-source.js";

/**
 * The encoded resources, a set for each type, view and scope. What is encoded for a view is shared by its scopes. A set
 * that no stream uses is not kept up to date: it is dropped at the next change, or some seconds later, and made anew when a
 * stream wants it.
 */
export class Cache {
	readonly #source: ServiceSource;
	readonly #encode: EncodeService;
	readonly #encoder: EntryEncoder;
	/** Where the clients of each zone go. */
	readonly traffic: ZoneTraffic;
	readonly #entries = new Map<string, CacheEntry>();
	#openness: Openness = "closed";
	/** Services that give each group of clients other endpoints. */
	readonly #grouped = new Set<string>();
	/** Called when `hasGroups` is another. */
	onGroups: () => void = () => {};

	/**
	 * @param encode makes a resource of a service; tests pass one that makes what clients must reject.
	 * @param onTooLarge called once for each resource that is too large or cannot be encoded, until it can be had again.
	 * @param others where clients of other replicas are; there are none unless given.
	 */
	constructor(
		source: ServiceSource,
		encode: EncodeService = encodeServiceInSteps,
		onTooLarge: (problem: ResourceProblem) => void = () => {},
		others?: OtherDemand,
	) {
		this.#source = source;
		this.#encode = encode;
		this.traffic = new ZoneTraffic(others);
		this.#encoder = new EntryEncoder(source, encode, this.traffic, onTooLarge);
	}

	/** The set, in use until it is released. @param scope all names unless given. @param place anywhere unless given. */
	acquire(typeId: TypeId, view: View, scope?: Scope, place?: Place): ResourceSet {
		return atOnce(this.acquireInSteps(typeId, view, scope, place));
	}

	/** The same. Where nobody has it yet, all services are encoded for it; it is released if this is ended before. */
	*acquireInSteps(typeId: TypeId, view: View, scope?: Scope, place?: Place): Steps<ResourceSet> {
		return (yield* this.#acquire(typeId, view, scope, place)).set;
	}

	release(typeId: TypeId, view: View, scope?: Scope, place?: Place): void {
		const entry = this.#entries.get(keyOf(typeId, view, scope, placeFor(typeId, place)));
		if (entry) entry.users--;
	}

	/** Encodes these services again. @param at `performance.now()` of the change. */
	update(names: Iterable<string>, at: number): void {
		atOnce(this.updateInSteps(names, at));
	}

	/** The same, a resource a step. Until its step is done, clients have what there was. */
	*updateInSteps(names: Iterable<string>, at: number): Steps<void> {
		dropUnused(this.#entries);
		for (const name of names) {
			const service = this.#source.get(name);
			this.#note(name, service);
			for (const entry of this.#entries.values()) {
				yield* this.#encoder.update(entry, name, service, at);
				yield;
			}
		}
	}

	/**
	 * Looks where the clients are that ask for each service, and sends those of each zone where they are to go by now. Nothing
	 * is done while nobody has come or gone, here or at other replicas, but that sets are dropped that nobody has used for a while.
	 * @param now `performance.now()`.
	 * @returns whether something else counts than before.
	 */
	*followDemand(now: number): Steps<boolean> {
		let isOther = false;
		dropOld(this.#entries, now);
		const ofPlaces = [...this.#entries.values()].filter(({ place }) => place);
		const names = () => [...this.#source.services()].map(({ name }) => name);
		for (const name of this.traffic.due(ofPlaces, names, now)) {
			const service = this.#source.get(name);
			if (service && this.traffic.look(service, ofPlaces, now)) {
				isOther = true;
				// Those without users would be out of date when a stream wants them again.
				dropUnused(this.#entries, ({ place }) => !place);
				for (const entry of this.#entries.values()) {
					if (entry.place) yield* this.#encoder.update(entry, name, service, now);
				}
			}
			yield;
		}
		this.traffic.own.commit();
		return isOther;
	}

	/** Whether clients of different groups may get different endpoints of some service. */
	get hasGroups(): boolean {
		return this.#grouped.size > 0;
	}

	/** Whether there may be services that nobody knows of yet. @param at as in update(). */
	setOpenness(openness: Openness, at: number): void {
		this.#openness = openness;
		for (const { set } of this.#entries.values()) if (set.type.ofService) set.setOpenness(openness, at);
	}

	/** The version that clients of the view get; the service is encoded for it if no client uses the view. */
	versionOf(typeId: TypeId, view: View, service: ServiceState): string {
		const encoded = this.inUse(typeId, view, service.name);
		if (encoded) return encoded.version;
		if (!service.known) return "";
		return this.#encodeNow(resourceType(typeId), view, service).version;
	}

	/** What clients of the view get, without work: undefined while no client uses the view. */
	inUse(typeId: TypeId, view: View, name: string): EncodedResource | undefined {
		return this.#entries.get(keyOf(typeId, view))?.set.get(name);
	}

	/** The views that some client uses. */
	viewsInUse(): ReadonlySet<View> {
		return new Set([...this.#entries.values()].flatMap(({ users, view }) => (users > 0 ? view : [])));
	}

	/** How many resources of the type are held, over all views; those of a scope or place count where they are others. */
	count(typeId: TypeId): number {
		let count = 0;
		for (const { set, whole, encoded } of this.#entries.values()) {
			if (set.type.id === typeId) count += whole ? encoded.size : set.size;
		}
		return count;
	}

	/** What clients of the views in use could not receive. */
	*problems(): Iterable<ResourceProblem> {
		for (const { tooLarge: held, withheld: not } of this.#entries.values()) yield* [...held.values(), ...not.values()];
	}

	*#acquire(typeId: TypeId, view: View, scope: Scope | undefined, anywhere: Place | undefined): Steps<CacheEntry> {
		const place = placeFor(typeId, anywhere);
		const key = keyOf(typeId, view, scope, place);
		const isPart = (scope || place) && !this.#entries.has(key);
		const whole = isPart ? yield* this.#acquire(typeId, view, undefined, scope ? place : place?.whole) : undefined;
		const known = this.#entries.get(key);
		// Somebody else has made it meanwhile.
		if (known && whole) whole.users--;
		if (!known) boundUnused(this.#entries);
		const entry = known ?? this.#create(typeId, view, scope, place, whole);
		this.#entries.set(key, entry);
		entry.users++;
		entry.unusedSince = undefined;
		let isThere = false;
		try {
			// Of several that wait for it each does a part of the work.
			while (entry.filling) {
				if (entry.filling.next().done) entry.filling = undefined;
				else yield;
			}
			isThere = true;
		} catch (error) {
			if (this.#entries.delete(key) && entry.whole) entry.whole.users--;
			throw error;
		} finally {
			if (!isThere) entry.users--;
		}
		return entry;
	}

	#note(name: string, service: ServiceState | undefined): void {
		const had = this.hasGroups;
		if (service?.definition.subset) this.#grouped.add(name);
		else this.#grouped.delete(name);
		if (had !== this.hasGroups) this.onGroups();
		if (service) return;
		this.#encoder.forget(name);
		this.traffic.forget(name);
	}

	#create(
		typeId: TypeId,
		view: View,
		scope: Scope | undefined,
		place: Place | undefined,
		whole: CacheEntry | undefined,
	): CacheEntry {
		const set = new ResourceSet(resourceType(typeId), view, scope);
		const at = performance.now();
		if (set.type.ofService) set.setOpenness(this.#openness, at);
		const entry: CacheEntry = {
			set,
			view,
			place,
			whole,
			users: 0,
			unusedSince: undefined,
			filling: undefined,
			encoded: new Map(),
			tooLarge: new Map(),
			withheld: new Map(),
		};
		entry.filling = this.#fill(entry, at);
		return entry;
	}

	/** Services that change meanwhile are told by update(), too. */
	*#fill(entry: CacheEntry, at: number): Steps<void> {
		const services = [...this.#source.services()];
		for (const { name } of services) {
			yield* this.#encoder.update(entry, name, this.#source.get(name), at);
			yield;
		}
	}

	#encodeNow(type: ResourceType, view: View, { definition, endpoints }: ServiceState): EncodedResource {
		const made = this.#encode(type, view, definition, endpoints);
		return made instanceof EncodedResource ? made : atOnce(made);
	}
}

/** Undefined for a type whose resources are the same everywhere. */
function placeFor(typeId: TypeId, place: Place | undefined): Place | undefined {
	return resourceType(typeId).ofService?.byPlace ? place : undefined;
}
