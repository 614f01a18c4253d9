import type { Logger } from "pino";
import type { HostPort } from "../model/host-port.js";
import type { ListenAddress } from "../model/listen/listen-address.js";
import type { Registry } from "../providers/registry.js";

export interface ControlPlaneOptions {
	/** Who finds the endpoints of targets; the providers that Fingerpost brings unless given. */
	readonly registry?: Registry;
	/** Where it logs; nowhere unless given. */
	readonly log?: Logger;
	/** How many lines of the log were dropped since the start, for the metrics; none unless given. */
	readonly droppedLogLines?: () => number;
	/** Where the config is read from, for who asks the admin API; nowhere unless given. */
	readonly configFile?: string;
}

/** Where it listens, with the ports really bound. */
export interface Addresses {
	readonly xds: HostPort;
	readonly admin: ListenAddress;
	/** More addresses of xDS, in their order; absent where there are none. */
	readonly also?: readonly ListenAddress[];
	/** Absent where xDS is not served by REST. */
	readonly rest?: HostPort;
	/** Absent where health has no listener of its own. */
	readonly health?: HostPort;
}
