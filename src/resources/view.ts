/** A family of clients that get the same bytes. */
export type View = "envoy" | "grpc";

/** @param userAgentName `node.user_agent_name`; that of every gRPC client begins with `gRPC`. */
export function viewOf(userAgentName: string): View {
	return /^grpc\b/i.test(userAgentName) ? "grpc" : "envoy";
}
