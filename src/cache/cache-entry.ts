import type { ServiceState } from "../catalog/service-state.js";
import { samePolicies } from "../model/policies/policies.js";
import { sameTls } from "../model/traffic/upstream-tls.js";
import type { Place } from "../model/zones/place.js";
import type { KnownEncoding } from "../resources/assignment/service-assignment.js";
import type { EncodedResource } from "../resources/encoded-resource.js";
import { sameEndpointPolicies } from "../resources/policies/proxies.js";
import type { ServiceEncoder, TypeId } from "../resources/resource-type.js";
import type { View } from "../resources/view.js";
import type { Steps } from "../util/steps.js";
import { type ResourceProblem, withheld } from "./resource-problem.js";
import type { ResourceSet } from "./resource-set.js";
import type { Scope } from "./scope.js";
import type { PlaceShare } from "./zones/zone-traffic.js";

interface Encoded {
	readonly service: ServiceState;
	/** Undefined where it is too large for clients. */
	readonly resource: EncodedResource | undefined;
	/** What clients of the place get of the service; undefined where that is all, as the endpoints weigh. */
	readonly share?: PlaceShare | undefined;
}

/** A set of a cache, and who uses it. */
export interface CacheEntry {
	readonly set: ResourceSet;
	readonly view: View;
	/** That of the clients; undefined where it makes no difference. */
	readonly place: Place | undefined;
	/** What it shares resources with: the entry of all names, where it has some of them; else that of no place. */
	readonly whole: CacheEntry | undefined;
	/** How many streams, or entries that are a part of it, use the set. */
	users: number;
	/** `performance.now()` when it was first seen to have no users; undefined while it has some. */
	unusedSince: number | undefined;
	/** Encodes what was there when the set was made. Undefined once that is done. */
	filling: Steps<void> | undefined;
	/**
	 * The services as they were encoded last, and the result: what has not changed is not encoded
	 * again.
	 */
	readonly encoded: Map<string, Encoded>;
	/** Resources too large for clients of the view, and those that cannot be encoded, by name. The set keeps what it had of them. */
	readonly tooLarge: Map<string, ResourceProblem>;
	/** Resources that clients of the view are not given, by name. The set has none of them. */
	readonly withheld: Map<string, ResourceProblem>;
}

/** What a set is known by. */
export function keyOf(typeId: TypeId, view: View, scope?: Scope, place?: Place): string {
	const audience = place ? `${typeId} ${view} @${place.key}` : `${typeId} ${view}`;
	return scope ? `${audience} ${scope.key}` : audience;
}

/** Whether a resource would be made of the same parts. */
export function sameSource({ madeOf }: ServiceEncoder, a: ServiceState, b: ServiceState): boolean {
	const [before, after] = [a.definition, b.definition];
	if (madeOf === "endpoints") return a.endpoints === b.endpoints && sameEndpointPolicies(before, after);
	if (before === after) return true;
	const { protocol, connectTimeout } = after;
	return (
		before.protocol === protocol &&
		before.connectTimeout === connectTimeout &&
		sameTls(before, after) &&
		samePolicies(before, after)
	);
}

/** What the next encoding may copy from. With other policies other localities are made of the same endpoints. */
export function copiedFrom(before: Encoded | undefined, service: ServiceState): KnownEncoding | undefined {
	if (!before?.resource || !sameEndpointPolicies(before.service.definition, service.definition)) return undefined;
	return { value: before.resource.value, endpoints: before.service.endpoints };
}

/** Takes the service's resource out of the set where clients of the view are not given it. @param at as in put(). */
export function isWithheld(
	{ set, view, encoded, withheld: known }: CacheEntry,
	service: ServiceState,
	at: number,
): boolean {
	const { name, definition } = service;
	const why = set.type.ofService?.withheld?.(definition, view);
	if (why === undefined) {
		known.delete(name);
		return false;
	}
	known.set(name, withheld(name, set.type.id, view, why, known.get(name)?.since));
	encoded.delete(name);
	set.remove(name, at);
	return true;
}
