import type { Endpoint } from "../../model/endpoint.js";

/** What happened to the endpoints of a service at a time. */
export interface Change {
	/** Milliseconds since 1970. */
	readonly at: number;
	/** Of the service's assignment after it; empty where it is not known. */
	readonly version: string;
	/** The targets from which the endpoints are, or were; empty where no endpoint is concerned. */
	readonly target: string;
	/** When the source says that it happened, in milliseconds since 1970; undefined where it does not say. */
	readonly sourceAt?: number | undefined;
	readonly added: readonly Endpoint[];
	readonly removed: readonly Endpoint[];
	/** As they were afterwards. */
	readonly changed: readonly Endpoint[];
	/** As they were before, in the same order. */
	readonly changedFrom: readonly Endpoint[];
	/** When no client lacked it, or what came after it, any more; undefined while one does. */
	readonly ackedByAllAt?: number | undefined;
}

/** How many endpoints it tells of. */
export function sizeOfChange({ added, removed, changed }: Change): number {
	return added.length + removed.length + changed.length;
}

/** What it takes in memory while it is not packed, about: what is no longer served is there for it alone. */
export function bytesOfChange({ added, removed, changed }: Change): number {
	return 250 + 400 * (removed.length + changed.length) + 8 * (added.length + changed.length);
}
