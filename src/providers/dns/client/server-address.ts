import { isIP } from "node:net";
import { formatHostPort, type HostPort, splitHostPort } from "../../../model/host-port.js";

const DNS_PORT = 53;

/**
 * `10.0.0.2`, `10.0.0.2:5353`, `::1`, `[::1]`, `[::1]:5353`: a server, on port 53 unless one is
 * given; undefined if it is none.
 */
export function parseServer(text: string): HostPort | undefined {
	const bare = text.replace(/^\[(.*)\]$/, "$1");
	if (isIP(bare) && (bare === text || bare.includes(":"))) return { host: bare, port: DNS_PORT };
	// A link-local address has a zone, which splitHostPort does not know.
	const zoned = /^\[(.*%.*)\]:(\d{1,5})$/.exec(text);
	const parsed = zoned ? { host: zoned[1] as string, port: Number(zoned[2]) } : splitHostPort(text);
	if (!parsed || !isIP(parsed.host) || parsed.port < 1 || parsed.port > 65_535) return undefined;
	return parsed;
}

/** As it is written in the config and in messages. */
export function serverText(server: HostPort): string {
	return formatHostPort(server);
}
