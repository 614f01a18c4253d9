import type { Endpoint } from "../../../model/endpoint.js";
import type { Locality } from "../../../model/locality.js";
import type { TrafficWeight } from "../../../model/traffic/traffic-weights.js";

const MAX_UINT32 = 4_294_967_295;

/** A locality of an assignment, as it is sent. */
export interface AssignedLocality {
	readonly locality: Locality;
	readonly priority: number;
	/** At least 1. */
	readonly weight: number;
	readonly endpoints: readonly Endpoint[];
	/** What each of its endpoints weighs; what they weigh themselves unless given. */
	readonly endpointWeight?: number;
	/** By what the weights of its endpoints are multiplied; by nothing unless given. */
	readonly times?: number;
	/** The one that it was made of, for clients of a zone. */
	readonly from?: AssignedLocality;
}

export function totalWeight(endpoints: readonly Endpoint[], weightOf: TrafficWeight): number {
	let sum = 0;
	for (const e of endpoints) sum += weightOf(e);
	return sum;
}

/** Scales weights so that those of a priority sum up to 2³²−1 at most (R40). */
export function withinUint32(localities: readonly AssignedLocality[]): readonly AssignedLocality[] {
	const sums = new Map<number, number>();
	for (const { priority, weight } of localities) sums.set(priority, (sums.get(priority) ?? 0) + weight);
	return localities.map((each) => {
		const sum = sums.get(each.priority) as number;
		if (sum <= MAX_UINT32) return each;
		// Rounded down, the scaled weights stay within the sum. One that becomes 0 is lifted to 1, for which the sum
		// leaves room.
		const weight = Math.max(1, Math.floor((each.weight / sum) * (MAX_UINT32 - localities.length)));
		return { ...each, weight };
	});
}

/** The weight that is sent of an endpoint. @param times of its locality. */
export function timesWeight(weight: number, times: number | undefined): number {
	return times === undefined ? weight : Math.max(1, Math.round(weight * times));
}
