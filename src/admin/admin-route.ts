import type { Turns } from "../util/slices.js";
import type { AdminSources } from "./admin-sources.js";
import type { EventHub } from "./events/event-hub.js";
import type { ServiceNames } from "./lists/service-names.js";
import type { Metrics } from "./metrics/metrics.js";
import type { Reply } from "./reply.js";

/** One thing to ask for. A path with a part in capitals cannot be followed as it stands. */
export interface PageRow {
	readonly method: "GET" | "POST";
	readonly path: string;
	readonly summary: string;
}

/** A part of the path in capitals stands for everything up to what follows it there, slashes too. */
export interface AdminRoute extends PageRow {
	/** @throws FingerpostError USAGE for a query that cannot be */
	handle(request: AdminRequest): Reply | Promise<Reply>;
}

export interface AdminRequest {
	readonly sources: AdminSources;
	readonly metrics: Metrics;
	readonly serviceNames: ServiceNames;
	/** What stands for the part in capitals, percent-decoded. */
	readonly argument: string;
	readonly query: URLSearchParams;
	/** Tells what changes; nothing is told unless it is given. */
	readonly events?: EventHub | undefined;
	/** Fires when nobody waits for the answer any more. */
	readonly signal: AbortSignal;
	/** In which work that takes long is done. */
	readonly turns: Turns;
}
