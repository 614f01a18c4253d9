/** What clients are by their kind. */
export type Family = "envoy" | "grpc";

/** Clients that get the same bytes: of a family, and gRPC clients with TLS to endpoints apart. */
export type View = Family | "grpc-tls";

/** What clients see that say nothing but what they are. */
export const PLAIN_VIEWS: readonly View[] = ["envoy", "grpc"];

/** @param userAgentName `node.user_agent_name`; that of every gRPC client begins with `gRPC`. */
export function familyOf(userAgentName: string): Family {
	return /^grpc\b/i.test(userAgentName) ? "grpc" : "envoy";
}

/** What `bootstrap grpc` writes into the metadata of a node that has certificate providers for its endpoints. */
export const UPSTREAM_TLS_METADATA = "fingerpost.upstreamTls";

/** @param metadata the node's. */
export function viewOf(family: Family, metadata: Readonly<Record<string, unknown>> | undefined): View {
	return family === "grpc" && metadata?.[UPSTREAM_TLS_METADATA] === true ? "grpc-tls" : family;
}

export function familyOfView(view: View): Family {
	return view === "envoy" ? "envoy" : "grpc";
}
