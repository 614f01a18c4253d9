import type { EndpointDiff } from "../../model/endpoint-diff.js";
import type { Steps } from "../../util/steps.js";
import type { ServiceState } from "../service-state.js";

/** A service before and after a change; undefined where it does not exist. */
export interface ServiceChange {
	readonly name: string;
	readonly previous: ServiceState | undefined;
	readonly current: ServiceState | undefined;
	/** What became of its endpoints, once somebody wanted to know: diffOf(). */
	diff?: EndpointDiff | undefined;
}

/**
 * Told of the newest state of each changed service. Many that change at once are told in parts, with the event loop let
 * go in between; what takes long is returned as steps.
 * @param at when the first change was made, in milliseconds of `performance.now()`.
 * @param more whether another part follows. The last one may be empty.
 */
export type CatalogListener = (changes: readonly ServiceChange[], at: number, more: boolean) => Steps<void> | void;
