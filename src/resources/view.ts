/** What clients are by their kind. */
export type Family = "envoy" | "grpc";

/** Clients that get the same bytes: of a family, and gRPC clients apart that know TLS to endpoints, or proxies to these. */
export type View = Family | "grpc-tls" | "grpc-proxy" | "grpc-tls-proxy";

/** What clients see that say nothing but what they are. */
export const PLAIN_VIEWS: readonly View[] = ["envoy", "grpc"];

/** What the metadata of a node say where its family cannot be told otherwise. */
export const FAMILY_METADATA = "fingerpost.family";

/** What of a `Node` tells its family. */
export interface FamilyNode {
	readonly userAgentName: string;
	readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What its metadata say; else grpc for a user agent that begins with `gRPC`, else envoy. */
export function familyOf({ userAgentName, metadata }: FamilyNode): Family {
	const said = metadata?.[FAMILY_METADATA];
	if (isFamily(said)) return said;
	return /^grpc\b/i.test(userAgentName) ? "grpc" : "envoy";
}

/** What the metadata of a node call its family, where there is no such family. */
export function unknownFamilyIn(metadata: FamilyNode["metadata"]): string | undefined {
	const said = metadata?.[FAMILY_METADATA];
	if (said === undefined || isFamily(said)) return undefined;
	return typeof said === "string" ? said : JSON.stringify(said);
}

function isFamily(said: unknown): said is Family {
	return said === "envoy" || said === "grpc";
}

/** What `bootstrap grpc` writes into the metadata of a node that has certificate providers for its endpoints. */
export const UPSTREAM_TLS_METADATA = "fingerpost.upstreamTls";

/** What it writes there of a client that knows HTTP proxies by xDS (gRFC A86): one that does not would reject them. */
export const PROXY_METADATA = "fingerpost.proxy";

/** @param metadata the node's. */
export function viewOf(family: Family, metadata: Readonly<Record<string, unknown>> | undefined): View {
	if (family === "envoy") return "envoy";
	const knowsProxies = metadata?.[PROXY_METADATA] === true;
	if (metadata?.[UPSTREAM_TLS_METADATA] === true) return knowsProxies ? "grpc-tls-proxy" : "grpc-tls";
	return knowsProxies ? "grpc-proxy" : "grpc";
}

export function familyOfView(view: View): Family {
	return view === "envoy" ? "envoy" : "grpc";
}

/** Whether its clients connect to endpoints by TLS. */
export function knowsTls(view: View): boolean {
	return view === "envoy" || view === "grpc-tls" || view === "grpc-tls-proxy";
}

/** Whether its clients take a proxy for endpoints. */
export function knowsProxies(view: View): boolean {
	return view === "envoy" || view === "grpc-proxy" || view === "grpc-tls-proxy";
}
