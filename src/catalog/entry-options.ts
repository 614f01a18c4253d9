import type { WrittenSafeguards } from "../model/keep/safeguards.js";
import type { Registry } from "../providers/registry.js";
import type { SavedService } from "./keep/saved.js";
import type { SourceGuards } from "./keep/source-guard.js";

/** Milliseconds each, and what holds for all services; a reload may change them. */
export interface CatalogTimes extends WrittenSafeguards {
	/** How long a removed service stays as it was. */
	readonly removalGrace: number;
	/** How long a service may be unknown before it is overdue. */
	readonly syncDeadline: number;
}

export interface EntryOptions {
	readonly registry: Registry;
	readonly times: () => CatalogTimes;
	/** Which services have the same source. */
	readonly sources?: SourceGuards;
	/** What an earlier process knew of the service. */
	readonly saved?: SavedService | undefined;
	/** Called when the entry's state may have changed. */
	readonly onChange: () => void;
	/** Called when the removal grace is over and the owner must drop the entry. */
	readonly onGone: () => void;
}
