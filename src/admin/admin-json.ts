import type { RegistryState } from "../catalog/discover/discovered-services.js";
import type { Pin } from "../catalog/keep/pin.js";
import type { ServiceState } from "../catalog/service-state.js";
import { type Endpoint, readyEndpoints } from "../model/endpoint.js";
import { type Locality, NO_LOCALITY, sameLocality } from "../model/locality.js";
import type { ClientStatus, TypeStatus } from "../server/protocol/client-status.js";
import type { Holders } from "../server/protocol/holders.js";
import type { NameState } from "../server/protocol/name-status.js";
import type { AdminSources } from "./admin-sources.js";
import { type CompareJson, compareJson } from "./compare-json.js";
import type { ShareJson } from "./endpoint-shares.js";
import { type ProblemJson, unknownProblem } from "./problem-json.js";
import { heldCount, type SourceJson, sourceJson, type TargetJson, targetJson } from "./target-json.js";
import type { ReplicasJson } from "./zones/replica-json.js";
import type { ZoneJson, ZoneTrafficJson } from "./zones/zone-json.js";

export type { TargetJson } from "./target-json.js";

// The shapes of the admin API. Dates are ISO 8601 in UTC; what is absent is null, never left out.

/** `GET /api/v1/services` */
export interface ServicesJson {
	readonly services: readonly ServiceJson[];
}

export interface ServiceJson {
	readonly name: string;
	readonly state: ServiceState["state"];
	/** The version of the service's assignment; empty while it has none. */
	readonly version: string;
	/** `held`: those that the source does not have any more, and that stay for a while. */
	readonly endpoints: { readonly total: number; readonly ready: number; readonly held: number };
	readonly targets: readonly TargetJson[];
	/** What a user should know of a service that works; the repairs are among them. */
	readonly notes: readonly string[];
	/** What was mended. */
	readonly repairs: readonly string[];
	readonly problems: readonly ProblemJson[];
	/** How it differs from the target that it is compared with; null where there is none. */
	readonly compare: CompareJson | null;
	/** What an operator has pinned it to; null where it is not. */
	readonly pin: PinJson | null;
	/** Who asks for it, in numbers; null where that is not known. Where it was asked for. */
	readonly clients?: { readonly asking: number; readonly acked: number } | null;
}

export interface PinJson {
	readonly version: string;
	readonly since: string;
	readonly until: string;
}

/** `GET /api/v1/registries` */
export interface RegistriesJson {
	readonly registries: readonly RegistryJson[];
}

export interface RegistryJson extends SourceJson {
	/** The template of the names. */
	readonly name: string;
	/** How many services it has, and how many of them are served here. */
	readonly services: { readonly found: number; readonly served: number };
	/** What is not served, and why. */
	readonly notes: readonly string[];
}

/** `GET /api/v1/services/NAME` */
export interface ServiceDetailJson extends ServiceJson {
	/** Who asks for it and who has it; null where that is not known. Some are named, all are counted. */
	readonly clients: Holders | null;
	/** What each zone bears and where its clients go; null where clients are not told apart by zones. */
	readonly zones: readonly ZoneTrafficJson[] | null;
	readonly items: readonly (EndpointJson & { readonly share: ShareJson | null; readonly held: boolean })[];
}

export interface EndpointJson {
	readonly address: string;
	readonly port: number;
	readonly health: Endpoint["health"];
	readonly weight: number;
	readonly priority: number;
	readonly locality: LocalityJson | null;
	readonly hostname: string | null;
	readonly additionalAddresses: readonly { readonly address: string; readonly port: number }[];
	readonly metadata: Endpoint["metadata"] | null;
	readonly origin: {
		readonly target: string;
		readonly object: string | null;
		readonly revision: string | null;
		readonly at: string | null;
	} | null;
}

export interface LocalityJson {
	readonly region: string;
	readonly zone: string;
	readonly subZone: string;
}

/** `GET /api/v1/clients` */
export interface ClientsJson {
	readonly clients: readonly ClientJson[];
	/** The names of services that an operator has pinned to what they were. */
	readonly pinned?: readonly string[];
	readonly replicas?: ReplicasJson;
}

/** `GET /api/v1/clients/NODE`: all streams of the node. */
export interface NodeJson {
	readonly clients: readonly ClientDetailJson[];
}

export interface ClientDetailJson extends Omit<ClientJson, "types"> {
	readonly types: Readonly<Record<string, TypeJson & { readonly resources: readonly ResourceJson[] }>>;
}

/** What a client has of a name. */
export interface ResourceJson {
	readonly name: string;
	readonly state: NameState;
	/** The newest version, or the one that is rejected; null where there is none. */
	readonly version: string | null;
	/** Of a name that does not exist: the service that was meant, by its looks; null where none is near. */
	readonly nearest: string | null;
}

/** A client as it stands in JSON: every Date is a text. */
export type ClientJson = Omit<Jsonified<ClientStatus>, "group" | "locality" | "types" | "zone"> & {
	readonly types: Readonly<Record<string, TypeJson>>;
	/** Null where it does not say. */
	readonly locality: LocalityJson | null;
	/** The zone whose endpoints it gets first; null where it gets what clients without a zone get. */
	readonly zone: ZoneJson | null;
	/** The group whose part of services with a `subset` it gets, from 0; null while no service has one. */
	readonly group: number | null;
};

export type TypeJson = Jsonified<TypeStatus> & {
	/** How many names there are, told or not. */
	readonly counts: { readonly names: number; readonly missing: number };
};

type Jsonified<T> = T extends Date ? string : T extends object ? { readonly [K in keyof T]: Jsonified<T[K]> } : T;

/** @param versionOf as in AdminSources */
export function serviceJson(
	service: ServiceState,
	versionOf: AdminSources["versionOf"],
	problems: readonly ProblemJson[] = [],
): ServiceJson {
	return {
		name: service.name,
		state: service.state,
		version: versionOf(service.name),
		endpoints: {
			total: service.endpoints.length,
			ready: readyEndpoints(service.endpoints).length,
			held: heldCount(service.targets),
		},
		targets: service.targets.map(targetJson),
		notes: service.notes,
		repairs: service.repairs,
		problems: [...unknownProblem(service), ...problems],
		compare: service.comparison ? compareJson(service.comparison) : null,
		pin: pinJson(service.pin),
	};
}

export function pinJson(pin: Pin | undefined): PinJson | null {
	return pin ? { version: pin.version, since: pin.since.toISOString(), until: pin.until.toISOString() } : null;
}

/** Without its types. Field by field, so that nothing that is added to the status becomes API by accident. */
export function clientJson(client: ClientStatus): Omit<ClientJson, "types"> {
	return {
		node: client.node,
		identity: client.identity ?? null,
		access: client.access ?? null,
		stream: client.stream,
		family: client.family,
		userAgent: client.userAgent,
		address: client.address,
		connectedAt: client.connectedAt.toISOString(),
		locality: localityJson(client.locality),
		zone: client.zone ?? null,
		group: client.group ?? null,
		features: client.features,
	};
}

/** Without its names and those that are missing, of which there may be many. */
export function typeJson({
	mode,
	wildcard,
	sent,
	acked,
	nacked,
	asksNothing,
	synced,
}: TypeStatus): Omit<TypeJson, "names" | "missing" | "counts"> {
	return {
		mode,
		wildcard,
		sent: sent && { version: sent.version, at: sent.at.toISOString() },
		acked: acked && { version: acked.version, at: acked.at.toISOString() },
		nacked: nacked && {
			version: nacked.version,
			resources: nacked.resources,
			error: nacked.error,
			at: nacked.at.toISOString(),
			searching: nacked.searching,
		},
		asksNothing,
		synced,
	};
}

export function registryJson(registry: RegistryState): RegistryJson {
	const { name, found, served, notes } = registry;
	return { ...sourceJson(registry), name, services: { found, served }, notes };
}

function localityJson(locality: Locality = NO_LOCALITY): LocalityJson | null {
	if (sameLocality(locality, NO_LOCALITY)) return null;
	const { region, zone, subZone } = locality;
	return { region, zone, subZone };
}

/** @param written when the config came in which it is written. */
export function endpointJson(e: Endpoint, written?: Date): EndpointJson {
	return {
		address: e.address,
		port: e.port,
		health: e.health,
		weight: e.weight,
		priority: e.priority,
		locality: localityJson(e.locality),
		hostname: e.hostname ?? null,
		additionalAddresses: (e.additionalAddresses ?? []).map(({ address, port }) => ({ address, port })),
		metadata: e.metadata ?? null,
		origin: e.origin
			? {
					target: e.origin.target,
					object: e.origin.object ?? null,
					revision: e.origin.revision ?? null,
					at: (e.origin.at ?? (e.origin.target === "inline" ? written : undefined))?.toISOString() ?? null,
				}
			: null,
	};
}
