import type { Limits } from "../model/limits.js";
import type { AccessSettings } from "./access/access.js";
import type { Authentication } from "./access/authentication.js";
import type { StreamFanOut } from "./transport/fan-out.js";
import type { MessageTimes } from "./transport/messages/direct-messages.js";
import type { PerTypeCaches } from "./transport/stream-context.js";

export interface XdsSettings extends AccessSettings {
	/** Limits on what one client may ask for. */
	readonly limits?: Limits | undefined;
	/**
	 * Time to live of clusters, listeners and routes in milliseconds, for clients that support it
	 * (R26); 0 is for ever.
	 */
	readonly ttl?: number | undefined;
	/** `control_plane.identifier` of every response; none unless given. */
	readonly identifier?: string | undefined;
	/**
	 * Milliseconds, give or take a tenth, after which a connection is ended in order. Default: never.
	 */
	readonly maxConnectionAge?: number | undefined;
	/** What clients of the per-type services get where that leads to other resources; what ADS has unless given. */
	readonly perType?: PerTypeCaches | undefined;
	/** Who a caller is: whose certificate says so, unless given. */
	readonly authentication?: Authentication | undefined;
	/** In what order streams work; one of its own unless given. */
	readonly fanOut?: StreamFanOut | undefined;
	/** What takes longer ends its stream. */
	readonly times?: MessageTimes | undefined;
}
