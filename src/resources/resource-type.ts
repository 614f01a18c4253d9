import type { ConfigSource } from "../gen/envoy/config/core/v3/config_source.js";
import type { Endpoint } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";
import type { ZonePlan } from "../model/zones/zone-plan.js";
import type { Steps } from "../util/steps.js";
import type { KnownEncoding } from "./assignment/service-assignment.js";
import type { View } from "./view.js";

/** The short names of all types, in the order in which they are sent (R18). */
export const TYPE_IDS = ["cds", "eds", "lds", "rds"] as const;

export type TypeId = (typeof TYPE_IDS)[number];

/** All that the project knows of a type of resource: the resources themselves are bytes to it. */
export interface ResourceType {
	/** The short name in metrics, logs and the API. */
	readonly id: TypeId;
	readonly url: string;
	/** How a client asks for this type outside ADS. */
	readonly discovery: TypeDiscovery;
	/** What a service becomes; absent where no service has a resource of the type. */
	readonly ofService?: ServiceEncoder;
	/** Removals go in this order, the lowest first, after all that is new (R18). */
	readonly removalRank: number;
	/** Whether a client can ask for all of them (R16). */
	readonly wildcard: boolean;
	/** Whether a SotW response deletes what is missing from it (R22, R23). */
	readonly complete: boolean;
	/** Whether a wildcard lists the resources. API listeners are asked for by name (R43). */
	readonly listed: boolean;
	/** The type of the resource of the same name that a changed resource waits for (R17). */
	readonly child?: TypeId;
	/** Whether a resource may have a time to live (R26). Envoys up to 1.40 crash when that of endpoints ends in SotW. */
	readonly expires?: boolean;
	/** Stands for a name that does not exist, where absence would leave the client waiting (R20, R23). */
	readonly placeholder?: (name: string) => Uint8Array;
	/** Made for a name that no service has, of the name alone. Undefined for names that say nothing to it. */
	readonly generated?: (name: string, view: View) => Uint8Array | undefined;
	/** Whether generated() makes something of the name, at a fraction of its cost. */
	readonly generates?: (name: string, view: View) => boolean;
}

/** A gRPC service with a method for each variant of the protocol. */
export interface DiscoveryService {
	/** Its full name. */
	readonly service: string;
	readonly sotw: string;
	readonly delta: string;
}

export interface TypeDiscovery extends DiscoveryService {
	/** The path by which REST clients poll (R39). */
	readonly rest: string;
}

/** How a service becomes a resource. */
export interface ServiceEncoder {
	/** The part of a service that decides. While it is equal, nothing is encoded again. */
	readonly madeOf: "endpoints" | "definition";
	readonly encode: (parts: ServiceParts) => Uint8Array;
	/** Whether clients of different zones or groups may get different ones. */
	readonly byPlace?: boolean;
	/** Why clients of the view get none; undefined where they do. */
	readonly withheld?: (definition: ServiceDefinition, view: View) => string | undefined;
	/** The same for a service with many endpoints; absent where they do not count. */
	readonly encodeInSteps?: (parts: ServiceParts) => Steps<Uint8Array>;
}

/** What a service has to make a resource of. */
export interface ServiceParts {
	readonly view: View;
	readonly definition: ServiceDefinition;
	/** In canonical order, each address once. */
	readonly endpoints: readonly Endpoint[];
	/** Where the client asks for the child. */
	readonly source: ConfigSource;
	/** The previous encoding for the view, from which equal parts may be copied. */
	readonly known: KnownEncoding | undefined;
	/** Where the clients of a zone go; as the endpoints weigh unless given. */
	readonly plan: ZonePlan | undefined;
}
