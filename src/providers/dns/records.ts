import type { Endpoint } from "../../model/endpoint.js";
import type { FingerpostError } from "../../util/errors.js";

/** What the records of a target say at the moment. */
export interface Outcome {
	/** From answers, the last ones where a look-up fails. */
	readonly endpoints: readonly Endpoint[];
	/** Why that is not, or not wholly, what the source says now. */
	readonly errors: readonly FingerpostError[];
	/** Whether something of it was never told of. */
	readonly partial?: boolean;
	/** What was left out, and why. */
	readonly notes: readonly string[];
	/** Why there are no endpoints. */
	readonly missing: string;
	/** How many answers to the target's first question there were. */
	readonly answers: number;
}

/** Follows the records that make a target. */
export interface Records {
	/** Undefined while first look-ups run. It begins those that are needed. */
	outcome(): Outcome | undefined;
	refresh(): void;
	/** Frees everything. */
	close(): void;
}
