import type { Logger } from "pino";
import { isLoopback } from "../../admin/host-check.js";
import { formatHostPort, type HostPort } from "../../model/host-port.js";
import { logLine } from "./log-line.js";

/** Which config key each listener has. */
const KEYS = { xds: "xds.listen", rest: "xds.rest.listen", admin: "admin.listen" } as const;

/** A warning for each port that other machines reach: there is no TLS and no authentication yet. */
export function warnOfOpenPorts(log: Logger, ports: { readonly [K in keyof typeof KEYS]: HostPort | undefined }): void {
	for (const [name, key] of Object.entries(KEYS) as [keyof typeof KEYS, string][]) {
		const address = ports[name];
		if (!address || isLoopback(address.host)) continue;
		logLine(log, "listens beyond this machine, without TLS or authentication", {
			key,
			address: formatHostPort(address),
		});
	}
}
