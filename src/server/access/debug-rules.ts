import type { DebugAccess } from "../../model/access/access-rule.js";
import { namePattern } from "../../util/text/name-pattern.js";

/** Who asks for client status or reflection. */
export interface Debugger {
	readonly identity: string | undefined;
	/** Its address, without the port; of a Unix socket, `unix:` and its path. */
	readonly address: string;
}

/** Who may look at other clients, and at the descriptors. */
export class DebugRules {
	readonly #may: (who: Debugger) => boolean;
	/** For those who may not. */
	readonly reason: string;

	constructor(setting: DebugAccess = "loopback") {
		if (setting === "off") {
			this.#may = () => false;
			this.reason = "xds.debug is off";
		} else if (setting === "loopback") {
			this.#may = ({ address }) => isLoopback(address);
			this.reason = "this is for clients on a loopback address: see xds.debug";
		} else {
			const patterns = setting.map(namePattern);
			this.#may = ({ identity }) => identity !== undefined && patterns.some((fits) => fits(identity));
			this.reason = "this is for the identities in xds.debug";
		}
	}

	allows(who: Debugger): boolean {
		return this.#may(who);
	}
}

function isLoopback(address: string): boolean {
	const plain = address.replace(/^::ffff:/i, "");
	return plain.startsWith("unix:") || plain === "::1" || /^127\.\d+\.\d+\.\d+$/.test(plain);
}
