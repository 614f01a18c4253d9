import type { OwnDemand } from "../../cache/zones/own-demand.js";

/** How many clients of this replica ask for what where. */
export interface DemandSource {
	/** What this process calls itself. */
	readonly id: string;
	readonly own: OwnDemand;
	/** Whether there are other replicas, which ask for it. */
	readonly isShared: boolean;
}
