import { isIPv6 } from "node:net";
import type { HostPort } from "../../model/host-port.js";
import type { Target } from "../../model/target.js";
import { canonicalName, nameProblem } from "./client/domain-name.js";
import { parseServer } from "./client/server-address.js";

/** What a target asks for. */
export type DnsTarget = {
	/** The server to ask; the provider's servers unless given. */
	readonly server?: HostPort;
	/** Canonical. */
	readonly name: string;
} & (
	| { readonly port: number; readonly srv?: undefined }
	/** The name of the SRV records. */
	| { readonly port?: undefined; readonly srv: string }
);

/**
 * `dns:///name`, `dns:///name:port`, `dns://server:port/name`; or why the target is none of these.
 */
export function readDnsTarget({ scheme, authority, path, query }: Target): DnsTarget | string {
	if (path === "" || path === "/") {
		return authority === ""
			? `the name is missing: ${scheme}:///NAME or ${scheme}:///NAME:PORT`
			: `between // and / stands the server to ask, the name comes after it: ${scheme}:///${authority}`;
	}
	const server = authority === "" ? undefined : parseServer(authority);
	if (authority !== "" && !server) {
		return `the server to ask is given by its IP address, as in ${scheme}://10.0.0.2:53/NAME, not "${authority}"`;
	}
	if (query.size > 0) return "a DNS target has no options; they belong to the provider's settings";
	const asked = server ? { server } : {};
	const rest = path.slice(1);
	if (rest.includes("/")) return `expected a name, with a port or without, not "${rest}"`;
	const colon = isIPv6(rest) ? -1 : rest.lastIndexOf(":");
	const text = colon < 0 ? rest : rest.slice(0, colon);
	const problem = nameProblem(text);
	if (problem !== undefined) return problem;
	const name = canonicalName(text);
	if (colon < 0) {
		const srv = name.startsWith("_") ? name : `_grpc._tcp.${name}`;
		return nameProblem(srv) ?? { ...asked, name, srv };
	}
	const port = rest.slice(colon + 1);
	if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
		return `the port must be 1 to 65535, not "${port}"`;
	}
	return { ...asked, name, port: Number(port) };
}
