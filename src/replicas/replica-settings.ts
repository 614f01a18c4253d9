import { formatHostPort, type HostPort } from "../model/host-port.js";
import type { HttpAccessOptions } from "../providers/http-client/http-access.js";

/** Where the admin API of a replica is, or of all behind a name. */
export interface ReplicaAddress extends HostPort {
	readonly tls: boolean;
}

/** Where the other replicas are, and how they are asked. */
export interface ReplicaSettings extends HttpAccessOptions {
	/** The replica itself may be among them. */
	readonly admin: readonly ReplicaAddress[];
}

/** Where one replica is. */
export interface ReplicaPlace extends ReplicaAddress {
	/** The name that its certificate must be of, where `host` is one of the addresses of that name. */
	readonly servername?: string | undefined;
}

/** As it is written in a config. */
export function replicaName({ tls, ...address }: ReplicaAddress): string {
	return `${tls ? "https://" : ""}${formatHostPort(address)}`;
}

/** Addresses that are asked. */
export const MAX_REPLICAS = 100;
