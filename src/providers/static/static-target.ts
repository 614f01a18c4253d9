import { type Endpoint, endpoint } from "../../model/endpoint.js";
import { parseEndpointAddress } from "../../model/endpoint-address.js";
import type { Target } from "../../model/target.js";

/** The endpoint that the target names, or why it names none. */
export function readStaticTarget({ scheme, authority, path, query, text }: Target): Endpoint | string {
	if (scheme === "https") {
		return "https needs TLS to the endpoints, which this version does not have yet; use http:// or host:port";
	}
	if (authority === "") return `expected ${scheme}://host${scheme === "http" ? "[:port]" : ":port"}`;
	if ((path !== "" && path !== "/") || query.size > 0)
		return "only an address and port may follow; requests bring their own path";
	const parsed = parseEndpointAddress(scheme === "http" ? withPort(authority) : authority);
	if (parsed.problem !== undefined) return parsed.problem;
	return endpoint({ address: parsed.address, port: parsed.port, health: "healthy", origin: { target: text } });
}

/** Port 80 unless one is given. */
function withPort(authority: string): string {
	return /^(?:\[[^\]]*\]|[^:]*)$/.test(authority) ? `${authority}:80` : authority;
}
