import type { Change } from "../../catalog/history/change.js";
import type { Pin } from "../../catalog/keep/pin.js";
import type { Endpoint } from "../../model/endpoint.js";

/** What the admin API knows of what services were. */
export interface HistorySources {
	/** Newest first; each is looked at when it is reached. */
	changesOf(name: string): Iterable<Change>;
	/** The newest one. */
	last(name: string): Change | undefined;
	/** When what clients get of a service changed last, in milliseconds since 1970. */
	changedAt(name: string): number | undefined;
	/**
	 * A service's endpoints before its newest changes.
	 * @param isAfter called for each change, newest first: whether it is to be undone.
	 * @returns undefined where that is not known any more.
	 */
	endpointsBefore(name: string, isAfter: (change: Change) => boolean): readonly Endpoint[] | undefined;
	/** The version of each resource of a service, as clients of each family get it. */
	versions(name: string): readonly ResourceVersion[];
	/** Where endpoints stand in their sources now, by address. It may take long; it never fails. */
	locate(name: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
	/** When the clients of a node had acknowledged what was sent at a time, in milliseconds since 1970. */
	ackedAfter(node: string, at: number): Acknowledged;
	/** Serves the service so until then. @returns false if there is none, or it is being removed. */
	pin(name: string, pin: Pin): boolean;
	/** @returns whether it was pinned; undefined if there is no such service. */
	release(name: string): boolean | undefined;
}

export interface ResourceVersion {
	readonly type: string;
	readonly family: string;
	/** Empty where there is none. */
	readonly version: string;
}

/**
 * The first acknowledgement of something that was sent at that time or later, in milliseconds since 1970. `forgotten`: so
 * many came since that it is not known any more; `unknown`: nothing is known of such a client.
 */
export type Acknowledged = number | "not yet" | "forgotten" | "unknown";
