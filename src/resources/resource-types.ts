import { ASSIGNMENT } from "./assignment/encode/assignment-fields.js";
import { encodeServiceAssignment, serviceAssignmentInSteps } from "./assignment/service-assignment.js";
import { joinFields } from "./join-fields.js";
import { clusterWithheld, encodeCluster } from "./messages/cluster.js";
import { encodeListener } from "./messages/listener.js";
import { encodeRoute } from "./messages/route.js";
import { encodeServerListener } from "./messages/server-listener.js";
import { serverListenerAddress } from "./messages/server-listener-name.js";
import { endpointPolicies } from "./policies/proxies.js";
import { type ResourceType, TYPE_IDS, type TypeId } from "./resource-type.js";

const CONFIG = "type.googleapis.com/envoy.config.";

/** A row for each type. CONTRIBUTING.md says how to add one. */
const ROWS: Readonly<Record<TypeId, Omit<ResourceType, "id">>> = {
	cds: {
		url: `${CONFIG}cluster.v3.Cluster`,
		discovery: {
			service: "envoy.service.cluster.v3.ClusterDiscoveryService",
			sotw: "StreamClusters",
			delta: "DeltaClusters",
			rest: "/v3/discovery:clusters",
		},
		ofService: {
			madeOf: "definition",
			encode: ({ definition, view, source }) => encodeCluster(definition, view, source),
			withheld: clusterWithheld,
		},
		removalRank: 3,
		wildcard: true,
		complete: true,
		listed: true,
		child: "eds",
		expires: true,
	},
	eds: {
		url: `${CONFIG}endpoint.v3.ClusterLoadAssignment`,
		discovery: {
			service: "envoy.service.endpoint.v3.EndpointDiscoveryService",
			sotw: "StreamEndpoints",
			delta: "DeltaEndpoints",
			rest: "/v3/discovery:endpoints",
		},
		ofService: {
			madeOf: "endpoints",
			byPlace: true,
			encode: ({ view, definition, endpoints, known, plan }) =>
				encodeServiceAssignment(view, definition.name, endpoints, known, plan, endpointPolicies(definition, view)),
			encodeInSteps: ({ view, definition, endpoints, known, plan }) =>
				serviceAssignmentInSteps(view, definition.name, endpoints, known, plan, endpointPolicies(definition, view)),
		},
		removalRank: 4,
		wildcard: false,
		complete: false,
		listed: false,
		// An assignment without endpoints. A client may ask for a hundred thousand of these at once.
		placeholder: (name) => joinFields([[ASSIGNMENT.clusterName, name]]),
	},
	lds: {
		url: `${CONFIG}listener.v3.Listener`,
		discovery: {
			service: "envoy.service.listener.v3.ListenerDiscoveryService",
			sotw: "StreamListeners",
			delta: "DeltaListeners",
			rest: "/v3/discovery:listeners",
		},
		ofService: {
			madeOf: "definition",
			encode: ({ definition, source }) => encodeListener(definition, source),
		},
		removalRank: 1,
		wildcard: true,
		complete: true,
		listed: false,
		child: "rds",
		expires: true,
		generated: (name, view) => (view === "envoy" ? undefined : encodeServerListener(name)),
		generates: (name, view) => view !== "envoy" && serverListenerAddress(name) !== undefined,
	},
	rds: {
		url: `${CONFIG}route.v3.RouteConfiguration`,
		discovery: {
			service: "envoy.service.route.v3.RouteDiscoveryService",
			sotw: "StreamRoutes",
			delta: "DeltaRoutes",
			rest: "/v3/discovery:routes",
		},
		ofService: { madeOf: "definition", encode: ({ definition, view }) => encodeRoute(definition, view) },
		removalRank: 2,
		wildcard: false,
		complete: false,
		listed: false,
		expires: true,
	},
};

/** All types, in the order in which they are sent (R18). */
export const RESOURCE_TYPES: readonly ResourceType[] = TYPE_IDS.map((id) => ({ id, ...ROWS[id] }));

/** The types in the order in which removals are sent: listeners before the clusters that they lead to (R18). */
export const REMOVAL_ORDER: readonly TypeId[] = RESOURCE_TYPES.toSorted((a, b) => a.removalRank - b.removalRank).map(
	({ id }) => id,
);

const BY_ID = new Map(RESOURCE_TYPES.map((type) => [type.id, type]));
const BY_URL = new Map(RESOURCE_TYPES.map((type) => [type.url, type]));

export function resourceType(id: TypeId): ResourceType {
	return BY_ID.get(id) as ResourceType;
}

export function resourceTypeByUrl(url: string): ResourceType | undefined {
	return BY_URL.get(url);
}

/** A value for each type, by its short name. */
export function forEachType<T>(make: (type: ResourceType) => T): Record<TypeId, T> {
	return Object.fromEntries(RESOURCE_TYPES.map((type) => [type.id, make(type)])) as Record<TypeId, T>;
}
