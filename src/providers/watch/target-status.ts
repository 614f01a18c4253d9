import type { Endpoint } from "../../model/endpoint.js";

/**
 * `connecting`: no answer yet; `failed`: no answer yet, and the source fails; `stale`: it failed
 * after an answer.
 */
export type TargetCondition = "connecting" | "synced" | "stale" | "failed";

/** One target of a service, and how fresh its endpoints are. */
export interface TargetStatus {
	/** The target's text, `inline` for endpoints written out in the config. */
	readonly target: string;
	readonly state: TargetCondition;
	readonly lastSuccess?: Date;
	/** The newest failure; it stays after the source has recovered. */
	readonly lastError?: { readonly message: string; readonly at: Date };
	/** Since when the source has not confirmed the endpoints in use; absent while synced. */
	readonly staleSince?: Date;
	/** When the source itself said that the newest change happened, if it says so. */
	readonly changedAt?: Date;
	/** How many endpoints its last answer had; absent before one, and of endpoints written out. */
	readonly endpoints?: number;
	/** How often the endpoints changed. */
	readonly changes: number;
}

/** What an earlier process knew of the target. */
export interface Remembered {
	readonly endpoints: readonly Endpoint[];
	readonly whole: boolean;
	readonly lastSuccess: Date;
	/** Since when the source failed; absent if it did not. */
	readonly staleSince?: Date;
}
