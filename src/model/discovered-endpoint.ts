import { type Endpoint, readyEndpoints, urlOf } from "./endpoint.js";

/** An endpoint as a look-up gives it to a program. */
export interface DiscoveredEndpoint extends Endpoint {
	/** `http://address:port`, an IPv6 address in brackets. */
	readonly url: string;
	/** Whether it may get traffic: healthy or unknown with a weight above 0, or degraded while there is none of these. */
	readonly ready: boolean;
}

/** All that was found: whether a degraded endpoint is ready depends on the others. */
export function discovered(all: readonly Endpoint[]): readonly DiscoveredEndpoint[] {
	const ready = new Set(readyEndpoints(all));
	return all.map((e) => ({ ...e, url: urlOf(e), ready: ready.has(e) }));
}
