import type { Openness } from "../catalog/discover/discovered-services.js";
import type { ServiceState } from "../catalog/service-state.js";
import { sameTls } from "../model/traffic/upstream-tls.js";
import { encodeService } from "../resources/encode-service.js";
import type { EncodedResource } from "../resources/encoded-resource.js";
import type { ServiceEncoder, TypeId } from "../resources/resource-type.js";
import { resourceType } from "../resources/resource-types.js";
import { maxResourceBytes } from "../resources/response-size.js";
import type { View } from "../resources/view.js";
import { type ResourceProblem, tooLarge } from "./resource-problem.js";
import { ResourceSet } from "./resource-set.js";

/** Where the cache reads the services. */
export interface ServiceSource {
	get(name: string): ServiceState | undefined;
	services(): Iterable<ServiceState>;
}

export type EncodeService = typeof encodeService;

interface Encoded {
	readonly service: ServiceState;
	/** Undefined where it is too large for clients. */
	readonly resource: EncodedResource | undefined;
}

interface Entry {
	readonly set: ResourceSet;
	readonly view: View;
	/** How many streams use the set. */
	users: number;
	/**
	 * The services as they were encoded last, and the result: what has not changed is not encoded
	 * again.
	 */
	readonly encoded: Map<string, Encoded>;
	/** Resources too large for clients of the view, by name. The set keeps what it had of them. */
	readonly tooLarge: Map<string, ResourceProblem>;
}

/**
 * The encoded resources, a set for each type and view. A set that no stream uses is not kept up to
 * date: it is dropped at the next change and made anew when a stream wants it.
 */
export class Cache {
	readonly #source: ServiceSource;
	readonly #encode: EncodeService;
	readonly #entries = new Map<string, Entry>();
	#openness: Openness = "closed";
	readonly #onTooLarge: (problem: ResourceProblem) => void;
	/** Services that `onTooLarge` was called for. Kept here, because a set goes with its users. */
	readonly #told = new Set<string>();

	/**
	 * @param encode makes a resource of a service; tests pass one that makes what clients must
	 *   reject.
	 * @param onTooLarge called once for each resource that is too large, until it is small enough
	 *   again.
	 */
	constructor(
		source: ServiceSource,
		encode: EncodeService = encodeService,
		onTooLarge: (problem: ResourceProblem) => void = () => {},
	) {
		this.#source = source;
		this.#encode = encode;
		this.#onTooLarge = onTooLarge;
	}

	/** The set, in use until it is released. */
	acquire(typeId: TypeId, view: View): ResourceSet {
		const key = `${typeId} ${view}`;
		let entry = this.#entries.get(key);
		if (!entry) {
			const set = new ResourceSet(resourceType(typeId), view);
			entry = { set, view, users: 0, encoded: new Map(), tooLarge: new Map() };
			const at = performance.now();
			if (set.type.ofService) set.setOpenness(this.#openness, at);
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

	/** Encodes these services again. @param at `performance.now()` of the change. */
	update(names: Iterable<string>, at: number): void {
		for (const [key, entry] of this.#entries) {
			if (entry.users === 0) this.#entries.delete(key);
		}
		for (const name of names) {
			const service = this.#source.get(name);
			if (!service) this.#told.delete(name);
			for (const entry of this.#entries.values()) this.#update(entry, name, service, at);
		}
	}

	/** Whether there may be services that nobody knows of yet. @param at as in update(). */
	setOpenness(openness: Openness, at: number): void {
		this.#openness = openness;
		for (const { set } of this.#entries.values()) if (set.type.ofService) set.setOpenness(openness, at);
	}

	/**
	 * The version that clients of the view get; the service is encoded for it if no client uses the
	 * view.
	 */
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

	/** What clients of the views in use could not receive. */
	*problems(): Iterable<ResourceProblem> {
		for (const { tooLarge: held } of this.#entries.values()) yield* held.values();
	}

	#update(entry: Entry, name: string, service: ServiceState | undefined, at: number): void {
		const { set, view, encoded } = entry;
		const { ofService } = set.type;
		if (!ofService) return;
		if (!service) {
			encoded.delete(name);
			entry.tooLarge.delete(name);
			set.remove(name, at);
			return;
		}
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
		const known = before?.resource && { value: before.resource.value, endpoints: before.service.endpoints };
		const resource = this.#encode(set.type, view, service.definition, service.endpoints, { known });
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
	#hold({ set, view, tooLarge: held }: Entry, name: string, bytes: number, at: number): void {
		const { since } = held.get(name) ?? {};
		const problem = tooLarge(name, set.type.id, view, bytes, maxResourceBytes(view));
		held.set(name, { ...problem, since: since ?? problem.since });
		if (!set.get(name)) set.await(name, true, at);
		if (!this.#told.has(name)) this.#onTooLarge(problem);
		this.#told.add(name);
	}
}

/** Whether a resource would be made of the same parts. */
function sameSource({ madeOf }: ServiceEncoder, a: ServiceState, b: ServiceState): boolean {
	if (madeOf === "endpoints") return a.endpoints === b.endpoints;
	if (a.definition === b.definition) return true;
	const { protocol, connectTimeout } = b.definition;
	return (
		a.definition.protocol === protocol &&
		a.definition.connectTimeout === connectTimeout &&
		sameTls(a.definition, b.definition)
	);
}
