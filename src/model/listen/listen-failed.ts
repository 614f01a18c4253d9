import { FingerpostError, messageOf } from "../../util/errors.js";
import { formatListen, type ListenAddress } from "./listen-address.js";

/** The key of the config that an address to listen on stands under. */
export type ListenSetting = "xds.listen" | "xds.rest.listen" | "admin.listen" | "admin.health";

/** An address cannot be bound. */
export class ListenFailed extends FingerpostError {
	readonly setting: ListenSetting;
	/** Whether somebody else listens there. */
	readonly inUse: boolean;

	/** @param what cannot be done there, such as `cannot listen for xDS`. */
	constructor(what: string, setting: ListenSetting, address: ListenAddress, cause: Error) {
		const inUse = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
		const why = inUse ? `the port is in use; choose another as ${setting}` : messageOf(cause);
		super("LISTEN_FAILED", `${what} on ${formatListen(address)}: ${why}`, { cause });
		this.name = "FingerpostError";
		this.setting = setting;
		this.inUse = inUse;
	}
}
