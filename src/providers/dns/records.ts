import type { Endpoint } from "../../model/endpoint.js";
import type { FingerpostError } from "../../util/errors.js";

/** What the records of a target say at the moment. */
export interface Outcome {
	/** From the last answers; a failed look-up does not change them. */
	readonly endpoints: readonly Endpoint[];
	/** The errors of failed look-ups: the endpoints may be out of date. */
	readonly errors: readonly FingerpostError[];
	/** Whether a look-up that is needed has never answered. */
	readonly partial?: boolean;
	/** What was left out, and why. */
	readonly notes: readonly string[];
	/** Why there are no endpoints. */
	readonly missing: string;
	/** How many answers the target's first question has had. */
	readonly answers: number;
}

/** What stands for the version of a record: DNS has none, and its TTL says how old the answer may be. */
export function ttlRevision(ttl: number | undefined): { readonly revision?: string } {
	return ttl === undefined ? {} : { revision: `TTL ${ttl}` };
}

/** Follows the records that make a target. */
export interface Records {
	/** Undefined while the first look-ups run. Starts those that are needed. */
	outcome(): Outcome | undefined;
	refresh(): void;
	/** Frees everything. */
	close(): void;
}
