import type { Endpoint } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";
import type { Comparison } from "./compared-target.js";
import type { KeptStatus } from "./keep/kept-status.js";
import type { Pin } from "./keep/pin.js";

export type { TargetCondition, TargetStatus } from "../providers/watch/target-watch.js";

/**
 * - `synced`: every target has answered, and the newest answer is in use.
 * - `stale`: some target has not answered yet, or failed since; what is known of the service stays.
 * - `unknown`: no target has given an authoritative answer yet; or some have neither answered nor
 *   failed, and the sync deadline is not over.
 * - `removing`: gone from the config; stays as it was for the removal grace.
 */
export type ServiceCondition = "synced" | "stale" | "unknown" | "removing";

/** A service as it is now: immutable, replaced as a whole when it changes. */
export interface ServiceState {
	readonly name: string;
	readonly definition: ServiceDefinition;
	readonly state: ServiceCondition;
	/** False while the service is unknown: then the empty endpoints mean nothing. */
	readonly known: boolean;
	/** Merged and in canonical order, each address once, priorities without gaps from 0. */
	readonly endpoints: readonly Endpoint[];
	/** What was changed so that every client accepts the service; a sentence each. */
	readonly repairs: readonly string[];
	/**
	 * What a user should know about a service that works, a sentence each; includes the repairs.
	 */
	readonly notes: readonly string[];
	readonly targets: readonly KeptStatus[];
	/** What it is pinned to, whatever its targets say; undefined where it is not. */
	readonly pin?: Pin | undefined;
	/** Beside the target that it is compared with; undefined where there is none. */
	readonly comparison?: Comparison | undefined;
	/** The service is unknown, and the sync deadline is over or the service is being removed. */
	readonly overdue: boolean;
}

/** When the config came in which the endpoints of the service are written; undefined where they are found. */
export function writtenAt({ targets }: Pick<ServiceState, "targets">): Date | undefined {
	return targets.find(({ target }) => target === "inline")?.lastSuccess;
}
