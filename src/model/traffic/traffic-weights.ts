import { type Endpoint, isReady, type TargetShare } from "../endpoint.js";

/**
 * What all targets of a priority weigh together, where they have weights. So large that a thousandth of it is still
 * exact over 10,000 endpoints, and small enough for clients that add weights up as signed numbers of 32 bits.
 */
const WHOLE = 2 ** 29;

/** What the endpoints of former targets have until those that replace them have answered. */
const LEFT: TargetShare = { target: "", part: 1 };

/** What an endpoint weighs among those of its priority. */
export type TrafficWeight = (e: Endpoint) => number;

/**
 * By what weights endpoints get traffic. They are the endpoints' own, unless their targets have weights: then the ready
 * endpoints of a target have its share in all, and each of them what it has of their own weights. A change of one target
 * changes the weights of no other.
 * @param all endpoints of a service, each priority whole.
 */
export function trafficWeights(all: readonly Endpoint[]): TrafficWeight {
	/** The priorities whose targets have weights. */
	const shared = new Set<number>();
	for (const { targetShare, priority } of all) if (targetShare) shared.add(priority);
	if (shared.size === 0) return ownWeight;
	const sums = new Map<string, Map<number, number>>();
	for (const e of all) {
		const place = placeOf(e);
		if (place === undefined || !shared.has(e.priority)) continue;
		const { target } = e.targetShare ?? LEFT;
		const ofTarget = sums.get(target) ?? new Map<number, number>();
		sums.set(target, ofTarget.set(place, (ofTarget.get(place) ?? 0) + e.weight));
	}
	return (e) => {
		if (e.weight === 0 || !shared.has(e.priority)) return e.weight;
		const place = placeOf(e);
		// What gets no traffic has the least weight, whatever becomes of the others.
		if (place === undefined) return 1;
		const { target, part } = e.targetShare ?? LEFT;
		const sum = sums.get(target)?.get(place) ?? e.weight;
		return Math.max(1, Math.round((WHOLE * part * e.weight) / sum));
	};
}

/** What trafficWeights() gives where no target has a weight. */
export function ownWeight(e: Endpoint): number {
	return e.weight;
}

/** Among whom an endpoint has its part; the degraded ones of a target count only where no other is left. */
function placeOf(e: Endpoint): number | undefined {
	if (e.health === "degraded") return 2 * e.priority + 1;
	return isReady(e) ? 2 * e.priority : undefined;
}

/** Endpoints of targets with weights, with the weight that was sent of them last. */
const WEIGHTED = new WeakMap<Endpoint, Endpoint>();

/** With the weights by which they get traffic; the same objects as before where those are the same. */
export function weighted(endpoints: readonly Endpoint[]): readonly Endpoint[] {
	const weightOf = trafficWeights(endpoints);
	if (weightOf === ownWeight) return endpoints;
	return endpoints.map((e) => {
		const weight = weightOf(e);
		if (weight === e.weight) return e;
		const known = WEIGHTED.get(e);
		if (known?.weight === weight) return known;
		const changed = { ...e, weight };
		WEIGHTED.set(e, changed);
		return changed;
	});
}
