import { Resolver } from "node:dns";
import type { HostPort } from "../../../model/host-port.js";
import { parseServer, serverText } from "./server-address.js";

/** Who is asked. */
export interface ServerList {
	/** Equal for lists of the same servers. */
	readonly key: string;
	/** In the order in which they are asked. May be empty. */
	current(): readonly HostPort[];
}

export function fixedServers(servers: readonly HostPort[]): ServerList {
	return { key: servers.map(serverText).join(","), current: () => servers };
}

const READ_AGAIN_MS = 60_000;

/**
 * The servers of the system's resolver (resolv.conf), read again when what is known is a minute
 * old.
 */
export function systemServers(read: () => readonly string[] = readSystem): ServerList {
	let servers: readonly HostPort[] = [];
	let readAt = Number.NEGATIVE_INFINITY;
	return {
		key: "system",
		current() {
			const now = performance.now();
			if (now - readAt >= READ_AGAIN_MS) {
				servers = read().flatMap((text) => parseServer(text) ?? []);
				readAt = now;
			}
			return servers;
		},
	};
}

/** Node reads the system's settings only for a new Resolver. */
function readSystem(): readonly string[] {
	return new Resolver().getServers();
}
