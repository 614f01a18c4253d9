import type { View } from "./view.js";

/** What gRPC clients receive by default, 4 MiB, less room for the fields around the resources (R37). */
export const MAX_RESPONSE_BYTES = 4 * 1024 * 1024 - 16 * 1024;

/**
 * The largest resource that clients of the view receive. Envoy's own gRPC client has no limit. A gRPC library would end
 * its stream, connect again, and end it again.
 */
export function maxResourceBytes(view: View): number {
	return view === "envoy" ? Number.POSITIVE_INFINITY : MAX_RESPONSE_BYTES;
}
