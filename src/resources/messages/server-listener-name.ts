import { isIP } from "node:net";
import type { HostPort } from "../../model/host-port.js";

const PREFIX = "grpc/server?xds.resource.listening_address=";

/** Goes into the bootstrap of gRPC servers, which ask for their Listener by this name (gRFC A36). */
export const SERVER_LISTENER_TEMPLATE = `${PREFIX}%s`;

/** In characters: longer than any `[address%scope]:port`. */
const MAX_ADDRESS = 128;

/**
 * The address in the name of a server listener: `0.0.0.0:8080`, `[::]:8080`. Nothing in it is percent-encoded.
 * @returns undefined for other names, and where no IP address and port follow.
 */
export function serverListenerAddress(name: string): HostPort | undefined {
	const text = name.slice(PREFIX.length);
	if (!name.startsWith(PREFIX) || text.length > MAX_ADDRESS) return undefined;
	const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
	const host = v6 ?? v4 ?? "";
	const port = Number(digits);
	const valid = isIP(host) === (v6 === undefined ? 4 : 6) && port >= 1 && port <= 65_535;
	return valid ? { host, port } : undefined;
}
