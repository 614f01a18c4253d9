/** A group of clients that gets the same bytes. */
export type View = "envoy" | "grpc";

/** The view of a client by its `node.user_agent_name`: the gRPC clients of all languages begin theirs with `gRPC`. */
export function viewOf(userAgentName: string): View {
	return /^grpc\b/i.test(userAgentName) ? "grpc" : "envoy";
}
