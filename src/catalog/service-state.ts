import type { Endpoint } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";

/**
 * - `synced`: every target has answered, and the newest answer is in use.
 * - `stale`: some target failed since; its last known endpoints stay.
 * - `unknown`: no target has given an authoritative answer yet.
 * - `removing`: gone from the config; stays as it was for the removal grace.
 */
export type ServiceCondition = "synced" | "stale" | "unknown" | "removing";

/** `connecting`: no answer yet; `failed`: no answer yet, and the source fails; `stale`: it failed after an answer. */
export type TargetCondition = "connecting" | "synced" | "stale" | "failed";

/** One target of a service, and how fresh what is known of it is. */
export interface TargetStatus {
	/** The target's text, `inline` for endpoints written out in the config. */
	readonly target: string;
	readonly state: TargetCondition;
	readonly lastSuccess?: Date;
	/** The newest failure; it stays after the source has recovered. */
	readonly lastError?: { readonly message: string; readonly at: Date };
	/** Since when the endpoints in use are no longer confirmed; unset while synced. */
	readonly staleSince?: Date;
	/** How often the endpoints changed. */
	readonly changes: number;
}

/** A service as it is now: immutable, replaced as a whole when it changes. */
export interface ServiceState {
	readonly name: string;
	readonly definition: ServiceDefinition;
	readonly state: ServiceCondition;
	/** Merged and in canonical order, each address once, priorities without gaps from 0. */
	readonly endpoints: readonly Endpoint[];
	/** What was mended or left out so that every client accepts the service, a sentence each. */
	readonly repairs: readonly string[];
	readonly targets: readonly TargetStatus[];
	/** True once an unknown service has been awaited for longer than the sync deadline. */
	readonly overdue: boolean;
}
