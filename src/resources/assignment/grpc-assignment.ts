import { addressOf, type Endpoint, isReady, readyEndpoints } from "../../model/endpoint.js";
import { type Locality, localityKey } from "../../model/locality.js";
import { trafficWeights } from "../../model/traffic/traffic-weights.js";
import { type AssignedLocality, totalWeight, withinUint32 } from "./encode/assigned-locality.js";
import type { EndpointStyle } from "./encode/encode-assignment.js";
import { groupByLocality, type LocalityGroup } from "./locality-groups.js";

/** Up to this many endpoints of unequal weights become a locality each. More share one for each weight (G3). */
const MAX_SPLIT = 64;

/** Degraded endpoints are sent only when no others are left, and as healthy: gRPC ignores degraded ones (G5). */
export const GRPC_STYLE: EndpointStyle = {
	health: (e) => (isReady(e) ? e.health : "healthy"),
	metadata: () => undefined,
};

/**
 * Endpoints as gRPC clients take them. With round robin they ignore the weights of endpoints and honour those of
 * localities, so weights become localities (G3); the endpoints of a target with a weight are localities of their own. Only endpoints that may get traffic are sent (G5). No locality comes
 * twice, not even in different priorities (G4).
 * @param endpoints in canonical order.
 */
export function grpcLocalities(endpoints: readonly Endpoint[]): readonly AssignedLocality[] {
	return localitiesOf(endpoints, splitByWeight);
}

/** The same where clients go by the load of endpoints, not by weights: these say only how much a locality gets. */
export function grpcLocalitiesByLoad(endpoints: readonly Endpoint[]): readonly AssignedLocality[] {
	return localitiesOf(endpoints, (part) => [part]);
}

function localitiesOf(endpoints: readonly Endpoint[], split: (part: Part) => Part[]): readonly AssignedLocality[] {
	const used = new Set<string>();
	const localities: AssignedLocality[] = [];
	const ready = readyEndpoints(endpoints);
	const weightOf = trafficWeights(ready);
	for (const group of groupByLocality(ready)) {
		for (const part of splitByTarget(group).flatMap(split)) {
			localities.push({
				priority: group.priority,
				locality: claim(used, part.locality, group.priority),
				weight: totalWeight(part.endpoints, weightOf),
				endpoints: part.endpoints,
				...(part.isSplit && { endpointWeight: SPLIT_WEIGHT }),
			});
		}
	}
	return withinUint32(localities);
}

interface Part {
	readonly locality: Locality;
	readonly endpoints: readonly Endpoint[];
	/** Whether it stands for what the endpoints weigh. */
	readonly isSplit?: boolean;
}

/** Whoever multiplied it with the weight of the locality, which says all, would count it twice. */
const SPLIT_WEIGHT = 1;

/** Each share of the traffic has a name that neither weights nor endpoints change. */
function splitByTarget({ endpoints }: LocalityGroup): Part[] {
	const { locality } = endpoints[0] as Endpoint;
	if (!endpoints.some(({ targetShare }) => targetShare)) return [{ locality, endpoints }];
	const byTarget = Map.groupBy(endpoints, ({ targetShare }) => targetShare?.target);
	return [...byTarget].map(([target, members]) => ({
		locality: target === undefined ? locality : withSubZone(locality, target),
		endpoints: members,
	}));
}

function splitByWeight({ locality, endpoints }: Part): Part[] {
	const { weight } = endpoints[0] as Endpoint;
	if (endpoints.every((e) => e.weight === weight)) return [{ locality, endpoints }];
	if (endpoints.length <= MAX_SPLIT) {
		// Named by the address: when only weights change, the client keeps its connections.
		return endpoints.map((e) => ({ locality: withSubZone(locality, addressOf(e)), endpoints: [e], isSplit: true }));
	}
	const classes = new Map<number, Endpoint[]>();
	for (const e of endpoints) {
		const members = classes.get(e.weight);
		if (members) members.push(e);
		else classes.set(e.weight, [e]);
	}
	return [...classes]
		.sort(([a], [b]) => a - b)
		.map(([classWeight, members]) => ({
			locality: withSubZone(locality, `weight-${classWeight}`),
			endpoints: members,
			isSplit: true,
		}));
}

function withSubZone(locality: Locality, part: string): Locality {
	return { ...locality, subZone: locality.subZone === "" ? part : `${locality.subZone}/${part}` };
}

/** The locality itself if no other has it, else one with another sub-zone. */
export function claim(used: Set<string>, wanted: Locality, priority: number): Locality {
	let locality = wanted;
	for (let i = 0; used.has(localityKey(locality)); i++) {
		locality = withSubZone(wanted, i === 0 ? `priority-${priority}` : `priority-${priority}-${i}`);
	}
	used.add(localityKey(locality));
	return locality;
}
