import type { Logger } from "pino";
import { formatListen, isLocal, type ListenAddress } from "../../model/listen/listen-address.js";
import { logLine } from "./log-line.js";

/** Which config key each listener has. */
const KEYS = { xds: "xds.listen", rest: "xds.rest.listen", admin: "admin.listen" } as const;

/** A warning for each port that other machines reach in clear. @param ports those without TLS. */
export function warnOfOpenPorts(
	log: Logger,
	ports: { readonly [K in keyof typeof KEYS]: ListenAddress | undefined },
): void {
	for (const [name, key] of Object.entries(KEYS) as [keyof typeof KEYS, string][]) {
		const address = ports[name];
		if (!address || isLocal(address)) continue;
		logLine(log, "listens beyond this machine, without TLS or authentication", {
			key,
			address: formatListen(address),
		});
	}
}
