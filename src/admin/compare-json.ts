import type { Comparison, Difference } from "../catalog/compared-target.js";
import type { TargetStatus } from "../providers/watch/target-watch.js";

/** A service beside the target that it is compared with. The lists are null until both are known. */
export interface CompareJson {
	readonly target: string;
	readonly state: TargetStatus["state"];
	readonly lastError: string | null;
	/** Addresses that the service has and the target has not. */
	readonly missing: readonly string[] | null;
	/** Addresses that the target has and the service has not. */
	readonly extra: readonly string[] | null;
	/** Addresses that both have, and what differs of them. */
	readonly differing: Difference["differing"] | null;
	/** Since when they have differed without a break; null while they do not. */
	readonly since: string | null;
}

export function compareJson({ status, difference, since }: Comparison): CompareJson {
	return {
		target: status.target,
		state: status.state,
		lastError: status.lastError?.message ?? null,
		missing: difference?.missing ?? null,
		extra: difference?.extra ?? null,
		differing: difference?.differing ?? null,
		since: since?.toISOString() ?? null,
	};
}
