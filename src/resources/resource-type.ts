import { ASSIGNMENT } from "./assignment/assignment-fields.js";
import { joinFields } from "./join-fields.js";
import { encodeServerListener } from "./messages/server-listener.js";

export type TypeId = "cds" | "eds" | "lds" | "rds";

/** What the server has to know of a type of resource; everything else is bytes to it. */
export interface ResourceType {
	/** The short name in metrics, logs and the API. */
	readonly id: TypeId;
	readonly url: string;
	/** Whether a client can ask for all of them (R16). */
	readonly wildcard: boolean;
	/** Whether what is missing from a SotW response is thereby deleted (R22, R23). */
	readonly complete: boolean;
	/** Whether a wildcard lists the resources: not for API listeners, which are asked for by name (R43). */
	readonly listed: boolean;
	/** The type of the resource of the same name that a changed resource of this type waits for (R17). */
	readonly child?: TypeId;
	/** Whether it may be given a time to live (R26). Not endpoints: SotW Envoys up to 1.40 crash when theirs is over. */
	readonly expires?: boolean;
	/** What stands for a name that is known not to exist, where absence alone would leave the client waiting (R20, R23). */
	readonly placeholder?: (name: string) => Uint8Array;
	/** What gRPC clients get for a name that no service has, where the name alone says what it is to be. */
	readonly generated?: (name: string) => Uint8Array | undefined;
}

const PREFIX = "type.googleapis.com/envoy.config.";

/** All types, in the order in which they are sent (R18). */
export const RESOURCE_TYPES: readonly ResourceType[] = [
	{
		id: "cds",
		url: `${PREFIX}cluster.v3.Cluster`,
		wildcard: true,
		complete: true,
		listed: true,
		child: "eds",
		expires: true,
	},
	{
		id: "eds",
		url: `${PREFIX}endpoint.v3.ClusterLoadAssignment`,
		wildcard: false,
		complete: false,
		listed: false,
		// A ClusterLoadAssignment with its `cluster_name` alone. A client may ask for a hundred thousand of these at once.
		placeholder: (name) => joinFields([[ASSIGNMENT.clusterName, name]]),
	},
	{
		id: "lds",
		url: `${PREFIX}listener.v3.Listener`,
		wildcard: true,
		complete: true,
		listed: false,
		child: "rds",
		expires: true,
		generated: encodeServerListener,
	},
	{
		id: "rds",
		url: `${PREFIX}route.v3.RouteConfiguration`,
		wildcard: false,
		complete: false,
		listed: false,
		expires: true,
	},
];

const BY_ID = new Map(RESOURCE_TYPES.map((type) => [type.id, type]));
const BY_URL = new Map(RESOURCE_TYPES.map((type) => [type.url, type]));

export function resourceType(id: TypeId): ResourceType {
	return BY_ID.get(id) as ResourceType;
}

export function resourceTypeByUrl(url: string): ResourceType | undefined {
	return BY_URL.get(url);
}
