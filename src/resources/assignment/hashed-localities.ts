import { type Endpoint, readyEndpoints } from "../../model/endpoint.js";
import { NO_LOCALITY, sameLocality } from "../../model/locality.js";
import { ownWeight, weighted } from "../../model/traffic/traffic-weights.js";
import { type AssignedLocality, totalWeight, withinUint32 } from "./encode/assigned-locality.js";
import type { EndpointStyle } from "./encode/encode-assignment.js";
import { HASH_KEY } from "./endpoint-styles.js";
import { claim, GRPC_STYLE } from "./grpc-assignment.js";

/** Of the metadata they read the key alone that decides an endpoint's place in the ring (gRFC A76). */
export const GRPC_HASH_STYLE: EndpointStyle = {
	...GRPC_STYLE,
	metadata: ({ metadata }) => {
		const key = metadata?.[HASH_KEY];
		return typeof key === "string" ? { [HASH_KEY]: key } : undefined;
	},
};

/**
 * Endpoints as gRPC clients take them that hash requests. These multiply the weight of an endpoint with that of its
 * locality, older ones before they divide by what the others have (gRFC A113). So all of a priority stand in one
 * locality, where both come to the endpoints' own weights.
 * @param endpoints in canonical order.
 */
export function hashedLocalities(endpoints: readonly Endpoint[]): readonly AssignedLocality[] {
	const used = new Set<string>();
	const byPriority = Map.groupBy(weighted(readyEndpoints(endpoints)), ({ priority }) => priority);
	return withinUint32(
		[...byPriority.values()].map((members, priority) => ({
			priority,
			locality: claim(used, commonLocality(members), priority),
			weight: totalWeight(members, ownWeight),
			endpoints: members,
		})),
	);
}

function commonLocality([first, ...others]: readonly Endpoint[]) {
	const { locality } = first as Endpoint;
	return others.every((each) => sameLocality(each.locality, locality)) ? locality : NO_LOCALITY;
}
