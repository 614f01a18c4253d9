import type { Config } from "../../config/config.js";
import { openListenProblem } from "../../config/servers/open-listen.js";
import type { HostPort } from "../../model/host-port.js";
import type { ListenAddress } from "../../model/listen/listen-address.js";
import { FingerpostError } from "../../util/errors.js";

/** Where to listen, by the command line. */
export interface ListenOptions {
	/** Wins over the file's `xds.listen`. */
	readonly xdsListen?: HostPort;
	/** Wins over the file's `xds.rest.listen`. */
	readonly xdsRestListen?: HostPort;
	/** Wins over the file's `admin.listen`. */
	readonly adminListen?: ListenAddress;
}

/**
 * The config with these addresses.
 * @throws FingerpostError INVALID_CONFIG where another machine could read along, and nothing says that it may.
 */
export function withListen(config: Config, { xdsListen, xdsRestListen, adminListen }: ListenOptions): Config {
	const { xds, admin } = config;
	const problems = [
		xdsListen && openListenProblem(xdsListen, "xds", xds),
		xdsRestListen && openListenProblem(xdsRestListen, "xds", xds),
		adminListen && openListenProblem(adminListen, "admin", admin),
	].filter((problem) => problem !== undefined);
	if (problems.length > 0) throw new FingerpostError("INVALID_CONFIG", problems.join("\n"));
	return {
		...config,
		xds: {
			...xds,
			listen: xdsListen ?? xds.listen,
			rest: { ...xds.rest, listen: xdsRestListen ?? xds.rest.listen },
		},
		admin: { ...admin, listen: adminListen ?? admin.listen },
	};
}
