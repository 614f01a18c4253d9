import type { Endpoint } from "../../model/endpoint.js";
import type { TargetStatus } from "../../providers/watch/target-watch.js";
import type { Hold } from "./removal-guard.js";

/** A target's status, with what was done to keep its endpoints. */
export interface KeptStatus extends TargetStatus {
	/**
	 * What is held. `until`: when it goes if the source says the same until then; absent while the source does not answer.
	 */
	readonly held?: Hold & { readonly until?: Date };
	/** What became of the endpoints, because the source has failed for so long. */
	readonly outage?: "degraded" | "dropped";
	/** What the source had, of which nothing is served. */
	readonly dropped?: readonly Endpoint[];
	/** Not confirmed since Fingerpost started: it is from an earlier process. */
	readonly restored?: true;
}
