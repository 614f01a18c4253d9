import type { Openness } from "../catalog/discover/discovered-services.js";
import type { ServiceState } from "../catalog/service-state.js";
import { type encodeService, encodeServiceInSteps } from "../resources/encode-service.js";
import { EncodedResource } from "../resources/encoded-resource.js";
import type { ResourceType, TypeId } from "../resources/resource-type.js";
import { resourceType } from "../resources/resource-types.js";
import { maxResourceBytes } from "../resources/response-size.js";
import type { View } from "../resources/view.js";
import { atOnce, type Steps } from "../util/steps.js";
import { type CacheEntry, copiedFrom, isWithheld, keyOf, sameSource } from "./cache-entry.js";
import { mirror } from "./mirror.js";
import { type ResourceProblem, tooLarge } from "./resource-problem.js";
import { ResourceSet } from "./resource-set.js";
import type { Scope } from "./scope.js";

/** Where the cache reads the services. */
export interface ServiceSource {
	get(name: string): ServiceState | undefined;
	services(): Iterable<ServiceState>;
}

/** Where there is much to encode, in steps. */
export type EncodeService = (...of: Parameters<typeof encodeService>) => EncodedResource | Steps<EncodedResource>;

/**
 * The encoded resources, a set for each type, view and scope. What is encoded for a view is shared by its scopes. A set
 * that no stream uses is not kept up to date: it is dropped at the next change and made anew when a stream wants it.
 */
export class Cache {
	readonly #source: ServiceSource;
	readonly #encode: EncodeService;
	readonly #entries = new Map<string, CacheEntry>();
	#openness: Openness = "closed";
	readonly #onTooLarge: (problem: ResourceProblem) => void;
	/** Services that `onTooLarge` was called for. Kept here, because a set goes with its users. */
	readonly #told = new Set<string>();

	/**
	 * @param encode makes a resource of a service; tests pass one that makes what clients must reject.
	 * @param onTooLarge called once for each resource that is too large, until it is small enough again.
	 */
	constructor(
		source: ServiceSource,
		encode: EncodeService = encodeServiceInSteps,
		onTooLarge: (problem: ResourceProblem) => void = () => {},
	) {
		this.#source = source;
		this.#encode = encode;
		this.#onTooLarge = onTooLarge;
	}

	/** The set, in use until it is released. @param scope all names unless given. */
	acquire(typeId: TypeId, view: View, scope?: Scope): ResourceSet {
		return atOnce(this.acquireInSteps(typeId, view, scope));
	}

	/** The same. Where nobody has it yet, all services are encoded for it; it is released if this is ended before. */
	*acquireInSteps(typeId: TypeId, view: View, scope?: Scope): Steps<ResourceSet> {
		return (yield* this.#acquire(typeId, view, scope)).set;
	}

	release(typeId: TypeId, view: View, scope?: Scope): void {
		const entry = this.#entries.get(keyOf(typeId, view, scope));
		if (entry) entry.users--;
	}

	/** Encodes these services again. @param at `performance.now()` of the change. */
	update(names: Iterable<string>, at: number): void {
		atOnce(this.updateInSteps(names, at));
	}

	/** The same, a resource a step. Until its step is done, clients have what there was. */
	*updateInSteps(names: Iterable<string>, at: number): Steps<void> {
		// Those of some names come after the whole that they use.
		for (const [key, entry] of [...this.#entries].reverse()) {
			if (entry.users > 0) continue;
			this.#entries.delete(key);
			if (entry.whole) entry.whole.users--;
		}
		for (const name of names) {
			const service = this.#source.get(name);
			if (!service) this.#told.delete(name);
			for (const entry of this.#entries.values()) {
				yield* this.#update(entry, name, service, at);
				yield;
			}
		}
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

	/** How many resources of the type are held, over all views; those of a scope are the same ones. */
	count(typeId: TypeId): number {
		let count = 0;
		for (const { set, whole } of this.#entries.values()) if (set.type.id === typeId && !whole) count += set.size;
		return count;
	}

	/** What clients of the views in use could not receive. */
	*problems(): Iterable<ResourceProblem> {
		for (const { tooLarge: held, withheld: not } of this.#entries.values()) yield* [...held.values(), ...not.values()];
	}

	*#acquire(typeId: TypeId, view: View, scope: Scope | undefined): Steps<CacheEntry> {
		const key = keyOf(typeId, view, scope);
		const whole = scope && !this.#entries.has(key) ? yield* this.#acquire(typeId, view, undefined) : undefined;
		const known = this.#entries.get(key);
		// Somebody else has made it meanwhile.
		if (known && whole) whole.users--;
		const entry = known ?? this.#create(typeId, view, scope, whole);
		this.#entries.set(key, entry);
		entry.users++;
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

	#create(typeId: TypeId, view: View, scope: Scope | undefined, whole: CacheEntry | undefined): CacheEntry {
		const set = new ResourceSet(resourceType(typeId), view, scope);
		const at = performance.now();
		if (set.type.ofService) set.setOpenness(this.#openness, at);
		const entry: CacheEntry = {
			set,
			view,
			whole,
			users: 0,
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
			const service = this.#source.get(name);
			if (service) yield* this.#update(entry, name, service, at);
			yield;
		}
	}

	#encodeNow(type: ResourceType, view: View, { definition, endpoints }: ServiceState): EncodedResource {
		const made = this.#encode(type, view, definition, endpoints);
		return made instanceof EncodedResource ? made : atOnce(made);
	}

	*#update(entry: CacheEntry, name: string, service: ServiceState | undefined, at: number): Steps<void> {
		const { set, view, encoded, whole } = entry;
		if (whole) {
			if (set.scope.allows(name)) mirror(whole.set, set, name, at);
			return;
		}
		const { ofService } = set.type;
		if (!ofService) return;
		if (!service) {
			encoded.delete(name);
			entry.tooLarge.delete(name);
			entry.withheld.delete(name);
			set.remove(name, at);
			return;
		}
		if (isWithheld(entry, service, at)) return;
		if (ofService.madeOf === "endpoints" && !service.known) {
			set.await(name, service.overdue, at);
			return;
		}
		const before = encoded.get(name);
		const there = set.get(name) ?? entry.tooLarge.get(name);
		if (before && there && sameSource(ofService, before.service, service)) {
			// Refers to the new state, so that the old one can be freed.
			encoded.set(name, { ...before, service });
			return;
		}
		const known = copiedFrom(before, service);
		const made = this.#encode(set.type, view, service.definition, service.endpoints, { known });
		if (!(made instanceof EncodedResource)) {
			// Not absent, while nobody can have it yet.
			if (!there) set.await(name, false, at);
			const resource = yield* made;
			// Who told of the newer state sees to it.
			if (this.#source.get(name) === service) this.#put(entry, service, resource, at);
		} else this.#put(entry, service, made, at);
	}

	#put(entry: CacheEntry, service: ServiceState, resource: EncodedResource, at: number): void {
		const { set, view, encoded } = entry;
		const { name } = service;
		const bytes = resource.value.byteLength;
		if (bytes > maxResourceBytes(view)) {
			encoded.set(name, { service, resource: undefined });
			this.#hold(entry, name, bytes, at);
			return;
		}
		if (entry.tooLarge.delete(name)) this.#told.delete(name);
		set.put(resource, at);
		encoded.set(name, { service, resource: set.get(name) ?? resource });
	}

	/**
	 * Clients keep what they have of it. For others it is awaited: neither present nor absent (R19).
	 */
	#hold({ set, view, tooLarge: held }: CacheEntry, name: string, bytes: number, at: number): void {
		const { since } = held.get(name) ?? {};
		const problem = tooLarge(name, set.type.id, view, bytes, maxResourceBytes(view));
		held.set(name, { ...problem, since: since ?? problem.since });
		if (!set.get(name)) set.await(name, true, at);
		if (!this.#told.has(name)) this.#onTooLarge(problem);
		this.#told.add(name);
	}
}
