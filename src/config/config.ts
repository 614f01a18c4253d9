import type { AccessRule, DebugAccess, Denial } from "../model/access/access-rule.js";
import type { HostPort } from "../model/host-port.js";
import type { OutagePolicy, WrittenGuard } from "../model/keep/safeguards.js";
import type { Limits } from "../model/limits.js";
import type { ListenAddress } from "../model/listen/listen-address.js";
import type { DiscoverEntry, ServiceDefinition } from "../model/service.js";
import type { ProviderSettings } from "../providers/provider-settings.js";
import type { ReplicaSettings } from "../replicas/replica-settings.js";
import type { TlsFiles } from "../util/tls/tls-files.js";
import type { TokenSettings } from "../util/tokens/token-settings.js";
import type { WrittenSettings } from "./policies/settings-filler.js";

/** xDS by REST-JSON, for Envoys that poll. */
export interface RestSettings {
	/** Absent where it is not served. */
	readonly listen?: HostPort | undefined;
	/** The static cluster in Envoy's own config by which it reaches the port. */
	readonly cluster: string;
	/** Milliseconds between two polls of a cluster's endpoints. */
	readonly refreshDelay: number;
}

/** One more address of xDS. */
export interface AlsoListen {
	readonly listen: ListenAddress;
	/** Of a Unix socket, in octal; 660 unless given. */
	readonly socketMode?: string | undefined;
	/** Who comes there is `also:` and this. */
	readonly identity?: string | undefined;
}

/** Files with bearer tokens of the admin API, one a line. */
export interface AdminTokenFiles {
	/** Of who may read. */
	readonly viewer?: string | undefined;
	/** Of who may read, and change something. */
	readonly operator?: string | undefined;
}

/** A config that was checked, with all defaults filled in. */
export interface Config {
	readonly xds: {
		readonly listen: HostPort;
		/** For REST too; in clear unless given. */
		readonly tls?: TlsFiles | undefined;
		/** Whose bearer tokens count; none unless given. */
		readonly tokens?: TokenSettings | undefined;
		/** Who may see what; who may connect sees everything unless given. */
		readonly access?: readonly AccessRule[] | undefined;
		/** As if it did not exist unless given. */
		readonly denied?: Denial | undefined;
		/** Who may ask for client status and reflection: patterns of identities, or a word. Who is on loopback unless given. */
		readonly debug?: DebugAccess | undefined;
		/** More addresses, in clear and of this machine alone. */
		readonly also?: readonly AlsoListen[] | undefined;
		/** Whether an address that other machines reach may be served in clear. */
		readonly insecure?: boolean | undefined;
		/** The static cluster in Envoy's own config by which an Envoy without ADS reaches the port. */
		readonly cluster: string;
		readonly limits: Limits;
		readonly rest: RestSettings;
		readonly ttl?: number | undefined;
		/** Milliseconds after which a connection is ended in order. */
		readonly maxConnectionAge?: number | undefined;
	};
	readonly admin: {
		readonly listen: ListenAddress;
		/** Of a Unix socket, in octal. */
		readonly socketMode?: string | undefined;
		/** In clear unless given. */
		readonly tls?: TlsFiles | undefined;
		/** Whether an address that other machines reach may be served in clear. */
		readonly insecure?: boolean | undefined;
		/** Whoever reaches it may do everything unless given. */
		readonly tokens?: AdminTokenFiles | undefined;
		/** Host names by which it may be asked. */
		readonly hosts?: readonly string[] | undefined;
		/** Absent where health has no listener of its own. */
		readonly health?: HostPort | undefined;
		/** Whether that has the metrics, too; it has unless this is false. */
		readonly metrics?: boolean | undefined;
	};
	/** Milliseconds that a removed service stays as it was. */
	readonly removalGrace: number;
	/** Milliseconds after which a client that brings no version gets an empty assignment for what is unknown. */
	readonly syncDeadline: number;
	/** Endpoints that one target may bring. */
	readonly maxEndpoints: number;
	/** What is said of guard and outages for all services; the default guard unless given. */
	readonly guard?: WrittenGuard | undefined;
	readonly onFailure?: OutagePolicy | undefined;
	/** Where the other replicas are; each counts its own clients unless given. */
	readonly replicas?: ReplicaSettings | undefined;
	/** Where state outlives the process; nowhere unless given. */
	readonly state?: { readonly directory?: string | undefined };
	/** Settings of providers by the names of the instances. */
	readonly providers: ReadonlyMap<string, ProviderSettings>;
	/** Whole registries whose services become services here; none unless given. */
	readonly discover?: readonly DiscoverEntry[] | undefined;
	/** What holds where a service does not say it, as it is written: in the services it is filled in. */
	readonly defaults?: WrittenSettings | undefined;
	/** By name, in the order of the file. */
	readonly services: ReadonlyMap<string, ServiceDefinition>;
	/** Equal exactly for equal texts of the file. */
	readonly digest: string;
}
