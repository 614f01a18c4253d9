import { type Endpoint, readyEndpoints } from "../model/endpoint.js";
import { trafficWeights } from "../model/traffic/traffic-weights.js";

/** What an endpoint has of the traffic of its priority, from 0 to 1, for each family of clients. */
export interface ShareJson {
	readonly envoy: number;
	readonly grpc: number;
}

/** @returns the share of each; null for an endpoint that is not ready. */
export function endpointShares(all: readonly Endpoint[]): (e: Endpoint) => ShareJson | null {
	const ready = readyEndpoints(all);
	const weightOf = trafficWeights(ready);
	const sums = new Map<number, number>();
	for (const e of ready) sums.set(e.priority, (sums.get(e.priority) ?? 0) + weightOf(e));
	const isReady = new Set(ready);
	return (e) => {
		if (!isReady.has(e)) return null;
		const share = Number((weightOf(e) / (sums.get(e.priority) as number)).toFixed(6));
		// gRPC clients get the same weights as localities (G3).
		return { envoy: share, grpc: share };
	};
}
