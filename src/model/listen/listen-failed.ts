import { FingerpostError, messageOf } from "../../util/errors.js";
import { formatListen, type ListenAddress } from "./listen-address.js";

/** The key of the config that an address to listen on stands under. */
export type ListenSetting = "xds.listen" | "xds.also" | "xds.rest.listen" | "admin.listen" | "admin.health";

/** An address cannot be bound. */
export class ListenFailed extends FingerpostError {
	readonly setting: ListenSetting;
	/** Whether somebody else listens there. */
	readonly inUse: boolean;

	/** @param what cannot be done there, such as `cannot listen for xDS`. */
	constructor(what: string, setting: ListenSetting, address: ListenAddress, cause: Error) {
		super("LISTEN_FAILED", `${what} on ${formatListen(address)}: ${whyNot(address, setting, cause)}`, { cause });
		this.name = "FingerpostError";
		this.setting = setting;
		this.inUse = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
	}
}

/** Ports below this are for root, or whoever has the capability. */
const FIRST_FREE_PORT = 1024;

function whyNot({ host, port, path }: ListenAddress, setting: ListenSetting, cause: Error): string {
	switch ((cause as NodeJS.ErrnoException).code) {
		case "EADDRINUSE":
			return path === undefined
				? `the port is in use; choose another as ${setting}`
				: `the socket is in use; choose another path as ${setting}`;
		case "EACCES":
			return path === undefined && port < FIRST_FREE_PORT
				? `permission denied; ports below ${FIRST_FREE_PORT} need the capability CAP_NET_BIND_SERVICE, so choose a higher one as ${setting}`
				: messageOf(cause);
		case "EADDRNOTAVAIL":
			return `this machine does not have the address ${host}; 0.0.0.0 is all that it has`;
		default:
			return messageOf(cause);
	}
}
