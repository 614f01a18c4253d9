import type { View } from "./view.js";

/** gRPC clients receive up to 4 MiB; the rest is room for the fields around the resources (R37). */
export const MAX_RESPONSE_BYTES = 4 * 1024 * 1024 - 16 * 1024;

/**
 * How large a single resource may be so that the clients of the view receive it. Envoy's own gRPC client has no limit; a
 * gRPC library would end its stream, connect again, and end it again.
 */
export function maxResourceBytes(view: View): number {
	return view === "grpc" ? MAX_RESPONSE_BYTES : Number.POSITIVE_INFINITY;
}
