import type { Endpoint } from "../../model/endpoint.js";

/** The last list of a target. */
export interface HttpAnswer {
	readonly endpoints: readonly Endpoint[];
	/** When the server says that it was changed. */
	readonly changedAt?: Date | undefined;
	/** Milliseconds for which it holds, as the server says. */
	readonly maxAge?: number | undefined;
	/** Of an answer to a request. */
	readonly etag?: string | undefined;
	/** Of an event. */
	readonly eventId?: string | undefined;
}
