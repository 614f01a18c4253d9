import { type Endpoint, endpoint } from "../../model/endpoint.js";
import { parseEndpointAddress } from "../../model/endpoint-address.js";
import type { Target } from "../../model/target.js";

/** Of the schemes that have one. */
const USUAL_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** The endpoint that the target names, or why it names none. */
export function readStaticTarget({ scheme, authority, path, query, text }: Target): Endpoint | string {
	const usual = USUAL_PORTS[scheme];
	if (authority === "") return `expected ${scheme}://host${usual ? "[:port]" : ":port"}`;
	if ((path !== "" && path !== "/") || query.size > 0) {
		const list = usual ? `; a list of endpoints that is found there is sd+${scheme}://…` : "";
		return `only an address and port may follow; requests bring their own path${list}`;
	}
	if (authority.includes(",")) return "a target is one address and port; write several as endpoints: [A, B]";
	const parsed = parseEndpointAddress(usual ? withPort(authority, usual) : authority);
	if (parsed.problem !== undefined) return parsed.problem;
	return endpoint({ address: parsed.address, port: parsed.port, health: "healthy", origin: { target: text } });
}

function withPort(authority: string, port: number): string {
	return /^(?:\[[^\]]*\]|[^:]*)$/.test(authority) ? `${authority}:${port}` : authority;
}
