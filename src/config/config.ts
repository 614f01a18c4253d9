import type { HostPort } from "../model/host-port.js";
import type { OutagePolicy, WrittenGuard } from "../model/keep/safeguards.js";
import type { Limits } from "../model/limits.js";
import type { DiscoverEntry, ServiceDefinition } from "../model/service.js";
import type { ProviderSettings } from "../providers/provider-settings.js";

/** xDS by REST-JSON, for Envoys that poll. */
export interface RestSettings {
	/** Absent where it is not served. */
	readonly listen?: HostPort | undefined;
	/** The static cluster in Envoy's own config by which it reaches the port. */
	readonly cluster: string;
	/** Milliseconds between two polls of a cluster's endpoints. */
	readonly refreshDelay: number;
}

/** A config that was checked, with all defaults filled in. */
export interface Config {
	readonly xds: {
		readonly listen: HostPort;
		/** The static cluster in Envoy's own config by which an Envoy without ADS reaches the port. */
		readonly cluster: string;
		readonly limits: Limits;
		readonly rest: RestSettings;
		readonly ttl?: number | undefined;
		/** Milliseconds after which a connection is ended in order. */
		readonly maxConnectionAge?: number | undefined;
	};
	readonly admin: {
		readonly listen: HostPort;
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
	/** What is said of guard and outages for all services; the default guard is on unless given. */
	readonly guard?: WrittenGuard | undefined;
	readonly onFailure?: OutagePolicy | undefined;
	/** Where state outlives the process; nowhere unless given. */
	readonly state?: { readonly directory?: string | undefined };
	/** Settings of providers by the names of the instances. */
	readonly providers: ReadonlyMap<string, ProviderSettings>;
	/** Whole registries whose services become services here; none unless given. */
	readonly discover?: readonly DiscoverEntry[] | undefined;
	/** By name, in the order of the file. */
	readonly services: ReadonlyMap<string, ServiceDefinition>;
	/** Equal exactly for equal texts of the file. */
	readonly digest: string;
}
