import type { ResourceProblem } from "../cache/resource-problem.js";
import type { ZoneRows } from "../cache/zones/zone-traffic.js";
import type { RegistryState } from "../catalog/discover/discovered-services.js";
import type { ServiceState } from "../catalog/service-state.js";
import type { ReplicaStatus } from "../replicas/replica-status.js";
import type { AskingStream } from "../server/protocol/asking-streams.js";
import type { ClientStatus } from "../server/protocol/client-status.js";
import type { Holders } from "../server/protocol/holders.js";
import type { ClientDetail } from "../server/protocol/name-status.js";
import type { ConfigJson, ListenerCertificate } from "./config-json.js";
import type { HistorySources } from "./history/history-sources.js";
import type { SentSources } from "./sent/sent-resource.js";
import type { DemandSource } from "./zones/demand-source.js";

/** What the admin API and the metrics look at; everything is read when it is asked for. */
export interface AdminSources {
	/** Fingerpost's own version. */
	readonly version: string;
	/** As they last changed; there may be many, so each is looked at when it is reached. */
	services(): Iterable<ServiceState>;
	/** The names of all services, in no order, and a number that is another one when these are others. */
	names(): { readonly revision: number; readonly names: Iterable<string> };
	/** With the newest times of its targets. */
	service(name: string): ServiceState | undefined;
	/** The version of the service's assignment; empty if it has none. */
	versionOf(name: string): string;
	/** Where the clients of each zone go; undefined where the service is not split by zones. */
	zonesOf?(service: ServiceState): readonly ZoneRows[] | undefined;
	/** How many clients of this replica ask for what where; not told unless given. */
	readonly demand?: DemandSource;
	/** The other replicas, and whether it is known where their clients are; there are none unless given. */
	replicas?(): { readonly known: boolean; readonly replicas: readonly ReplicaStatus[] };
	/** Who asks for a service's endpoints, and what each has of them, in steps; absent where that is not known. */
	asking?(name: string): Iterable<AskingStream | "">;
	/** Lets go what is held of a service, and says how much; undefined if there is none. Not possible unless given. */
	approve?(name: string): number | undefined;
	/** What services were, and how one is made what it was; not known unless given. */
	readonly history?: HistorySources;
	/** What clients are sent of a service; not known unless given. */
	readonly sent?: SentSources;
	/** Whole registries in the order of the config; none unless it is given. */
	registries?(): readonly RegistryState[];
	/** Whether each source was heard of once, or the sync deadline is over; it stays so. */
	canServe(): boolean;
	/** By stream; each is looked at when it is reached. */
	clients(): Iterable<ClientStatus>;
	/** The client of that stream; none is found unless it is given. */
	client?(stream: number): ClientStatus | undefined;
	/** The clients of a node with what each has of each name; none unless it is given. */
	clientsOf?(node: string): Iterable<ClientDetail>;
	/** The service that is meant by a name that a client does not find: the very name where no rule lets it see that. */
	nearest?(name: string): string | undefined;
	/** Who asks for a service, and who has it, in steps for inSlices(); absent where that is not known. */
	holders?(name: string): Generator<"", Holders>;
	/** How many names clients ask for that no service has, in steps, too. */
	unknownNames?(): Generator<"", number>;
	/** The certificates that the servers show; none unless it is given. */
	certificates?(): Iterable<ListenerCertificate>;
	/** Which config is in use; absent where there is none. */
	config?(): ConfigJson;
	/** Asks the target's source again; false if no service has this target. */
	refresh(targetText: string): boolean;
	/**
	 * What clients do not have as it should be, in steps for inSlices(); nothing unless it is given.
	 * @param only the name of a service; all unless given.
	 */
	problems?(only?: string): Generator<"", readonly ResourceProblem[]>;
	/** Those of them that no client of the family has ACKed, without the numbers of clients. */
	withheld?(): Generator<"", readonly ResourceProblem[]>;
	/** How many resources there are, by short type name. Where it is absent, each service counts once a type. */
	resources?(): Readonly<Record<string, number>>;
	/** Lines that the log did not get since the start: its output took no more, or one peer caused too many. */
	droppedLogLines?(): { readonly output: number; readonly peer: number };
	/** Connections that wait to be set up, and how many were refused since the start; none unless it is given. */
	connections?(): { readonly waiting: number; readonly refused: number };
}
