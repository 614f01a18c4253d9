import type { ServiceState } from "../catalog/service-state.js";
import { encodeService } from "../resources/encode-service.js";
import { type ResourceType, resourceType, type TypeId } from "../resources/resource-type.js";
import type { View } from "../resources/view.js";
import { ResourceSet } from "./resource-set.js";

/** Where the cache reads the services. */
export interface ServiceSource {
	get(name: string): ServiceState | undefined;
	services(): Iterable<ServiceState>;
}

export type EncodeService = typeof encodeService;

interface Entry {
	readonly set: ResourceSet;
	readonly view: View;
	/** How many streams use the set. */
	users: number;
	/** What of each service went into the set: equal parts need no encoding. */
	readonly encodedFrom: Map<string, ServiceState>;
}

/**
 * The encoded resources, a set for each type and view. A set that no stream uses is not kept up to date: it is
 * dropped at the next change and made anew when a stream wants it.
 */
export class Cache {
	readonly #source: ServiceSource;
	readonly #encode: EncodeService;
	readonly #entries = new Map<string, Entry>();

	/** @param encode what a service becomes; tests give clients what they must reject. */
	constructor(source: ServiceSource, encode: EncodeService = encodeService) {
		this.#source = source;
		this.#encode = encode;
	}

	/** The set, in use until it is released. */
	acquire(typeId: TypeId, view: View): ResourceSet {
		const key = `${typeId} ${view}`;
		let entry = this.#entries.get(key);
		if (!entry) {
			entry = { set: new ResourceSet(resourceType(typeId), view === "grpc"), view, users: 0, encodedFrom: new Map() };
			const at = performance.now();
			for (const service of this.#source.services()) this.#update(entry, service.name, service, at);
			this.#entries.set(key, entry);
		}
		entry.users++;
		return entry.set;
	}

	release(typeId: TypeId, view: View): void {
		const entry = this.#entries.get(`${typeId} ${view}`);
		if (entry) entry.users--;
	}

	/** Takes over what the source now says of these services. @param at `performance.now()` of the change. */
	update(names: Iterable<string>, at: number): void {
		for (const [key, entry] of this.#entries) {
			if (entry.users === 0) this.#entries.delete(key);
		}
		if (this.#entries.size === 0) return;
		for (const name of names) {
			const service = this.#source.get(name);
			for (const entry of this.#entries.values()) this.#update(entry, name, service, at);
		}
	}

	/** The version that clients of the view see of the service, encoded for the purpose if no client uses the view. */
	versionOf(typeId: TypeId, view: View, service: ServiceState): string {
		const encoded = this.#entries.get(`${typeId} ${view}`)?.set.get(service.name);
		if (encoded) return encoded.version;
		if (!service.known) return "";
		return this.#encode(resourceType(typeId), view, service.definition, service.endpoints).version;
	}

	/** How many resources of the type are held, over all views. */
	count(typeId: TypeId): number {
		let count = 0;
		for (const { set } of this.#entries.values()) if (set.type.id === typeId) count += set.size;
		return count;
	}

	#update(entry: Entry, name: string, service: ServiceState | undefined, at: number): void {
		const { set, view, encodedFrom } = entry;
		if (!service) {
			encodedFrom.delete(name);
			set.remove(name, at);
			return;
		}
		if (set.type.id === "eds" && !service.known) {
			set.await(name, service.overdue, at);
			return;
		}
		const before = encodedFrom.get(name);
		if (before && set.get(name) && sameSource(set.type, before, service)) return;
		encodedFrom.set(name, service);
		set.put(this.#encode(set.type, view, service.definition, service.endpoints), at);
	}
}

/** Whether the resource of the type is made of the same parts; clusters, listeners and routes know no endpoints. */
function sameSource(type: ResourceType, a: ServiceState, b: ServiceState): boolean {
	return type.id === "eds" ? a.endpoints === b.endpoints : a.definition === b.definition;
}
