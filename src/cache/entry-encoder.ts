import type { ServiceState } from "../catalog/service-state.js";
import type { Place } from "../model/zones/place.js";
import { EncodedResource } from "../resources/encoded-resource.js";
import { sameEndpointPolicies } from "../resources/policies/proxies.js";
import { maxResourceBytes } from "../resources/response-size.js";
import { messageOf } from "../util/errors.js";
import type { Steps } from "../util/steps.js";
import { type CacheEntry, copiedFrom, isWithheld, sameSource } from "./cache-entry.js";
import { mirror } from "./mirror.js";
import { type ResourceProblem, tooLarge, unencodable } from "./resource-problem.js";
import type { EncodeService, ServiceSource } from "./service-source.js";
import type { ZoneTraffic } from "./zones/zone-traffic.js";

/** Makes what is in an entry of the cache what the services are. */
export class EntryEncoder {
	readonly #source: ServiceSource;
	readonly #encode: EncodeService;
	readonly #traffic: ZoneTraffic;
	readonly #onTooLarge: (problem: ResourceProblem) => void;
	/** Services that `onTooLarge` was called for. Kept here, because a set goes with its users. */
	readonly #told = new Set<string>();

	/** @param onTooLarge as that of the cache. */
	constructor(
		source: ServiceSource,
		encode: EncodeService,
		traffic: ZoneTraffic,
		onTooLarge: (problem: ResourceProblem) => void,
	) {
		this.#source = source;
		this.#encode = encode;
		this.#traffic = traffic;
		this.#onTooLarge = onTooLarge;
	}

	/** There is no such service any more. */
	forget(name: string): void {
		this.#told.delete(name);
	}

	/** @param service as it is now. @param at as in ResourceSet.put(). */
	*update(entry: CacheEntry, name: string, service: ServiceState | undefined, at: number): Steps<void> {
		const { set, encoded, whole } = entry;
		if (whole) {
			yield* this.#updatePart(entry, whole, name, service, at);
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
		try {
			const made = this.#encode(set.type, entry.view, service.definition, service.endpoints, { known });
			if (!(made instanceof EncodedResource)) {
				// Not absent, while nobody can have it yet.
				if (!there) set.await(name, false, at);
				const resource = yield* made;
				// Who told of the newer state sees to it.
				if (this.#source.get(name) === service) this.#put(entry, service, resource, at);
			} else this.#put(entry, service, made, at);
		} catch (error) {
			// The others of the set are served all the same.
			encoded.set(name, { service, resource: undefined });
			this.#hold(entry, unencodable(name, set.type.id, entry.view, messageOf(error)), at);
		}
	}

	/** What is the same as in the whole is shared with it. */
	*#updatePart(
		entry: CacheEntry,
		whole: CacheEntry,
		name: string,
		service: ServiceState | undefined,
		at: number,
	): Steps<void> {
		const { set, view, place, encoded } = entry;
		if (!set.scope.allows(name)) return;
		// A scope of a place has what the place has.
		const isOwn = service?.known && place?.key !== whole.place?.key && whole.set.overdueOf(name) === undefined;
		const share = isOwn && whole.set.holds(name) && this.#traffic.shareOf(service, place as Place);
		if (!share) {
			encoded.delete(name);
			mirror(whole.set, set, name, at);
			return;
		}
		const before = encoded.get(name);
		const isSame = before?.share?.key === share.key && sameList(before.share.endpoints, share.endpoints);
		if (before?.resource && isSame && sameEndpointPolicies(before.service.definition, service.definition)) {
			encoded.set(name, { ...before, service });
			return;
		}
		// Those of all clients were just encoded.
		const base = whole.encoded.get(name);
		const isKnown = base?.service.endpoints === share.endpoints && !base.share;
		const known = isKnown ? copiedFrom(base, service) : undefined;
		const { plan, endpoints } = share;
		let resource: EncodedResource;
		try {
			const made = this.#encode(set.type, view, service.definition, endpoints, { known, plan });
			resource = made instanceof EncodedResource ? made : yield* made;
		} catch {
			// What is wrong is told of the whole.
			encoded.delete(name);
			mirror(whole.set, set, name, at);
			return;
		}
		// Who told of the newer state, or plan, sees to it.
		const isNewest = this.#source.get(name) === service;
		if (!isNewest || this.#traffic.shareOf(service, place as Place)?.key !== share.key) return;
		if (resource.value.byteLength > maxResourceBytes(view)) {
			encoded.delete(name);
			mirror(whole.set, set, name, at);
			return;
		}
		set.put(resource, at);
		encoded.set(name, { service, resource: set.get(name) ?? resource, share });
	}

	#put(entry: CacheEntry, service: ServiceState, resource: EncodedResource, at: number): void {
		const { set, view, encoded } = entry;
		const { name } = service;
		const bytes = resource.value.byteLength;
		if (bytes > maxResourceBytes(view)) {
			encoded.set(name, { service, resource: undefined });
			this.#hold(entry, tooLarge(name, set.type.id, view, bytes, maxResourceBytes(view)), at);
			return;
		}
		if (entry.tooLarge.delete(name)) this.#told.delete(name);
		set.put(resource, at);
		encoded.set(name, { service, resource: set.get(name) ?? resource });
	}

	/**
	 * Clients keep what they have of it. For others it is awaited: neither present nor absent (R19).
	 */
	#hold({ set, tooLarge: held }: CacheEntry, problem: ResourceProblem, at: number): void {
		const { name } = problem;
		const { since } = held.get(name) ?? {};
		held.set(name, { ...problem, since: since ?? problem.since });
		if (!set.get(name)) set.await(name, true, at);
		if (!this.#told.has(name)) this.#onTooLarge(problem);
		this.#told.add(name);
	}
}

/** Whether both hold the very same objects. */
function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
	return a === b || (a.length === b.length && a.every((each, i) => each === b[i]));
}
