import type { AdminServer } from "../../admin/admin-server.js";
import type { Config } from "../../config/config.js";
import type { RestServer } from "../../server/rest/rest-server.js";
import type { XdsServer } from "../../server/xds-server.js";
import type { FollowedTls } from "../../util/tls/followed-tls.js";
import type { Addresses } from "../control-plane-options.js";

export interface Servers {
	readonly admin: AdminServer;
	readonly health: AdminServer | undefined;
	readonly xds: XdsServer;
	readonly rest: RestServer;
}

/**
 * Opens every port that the config asks for.
 * @param tls of xDS and REST.
 * @returns where they listen.
 * @throws FingerpostError LISTEN_FAILED; those that are open by then stay so.
 */
export async function listenOnAll(config: Config, servers: Servers, tls: FollowedTls | undefined): Promise<Addresses> {
	await servers.admin.start();
	await servers.health?.start();
	const { listen, also: more = [], rest: restSettings } = config.xds;
	const xds = await servers.xds.listen(listen, tls);
	const also = await servers.xds.listenAlso(more);
	const rest = restSettings.listen && (await servers.rest.listen(restSettings.listen, tls));
	const admin = servers.admin.address ?? config.admin.listen;
	const health = servers.health?.address;
	return { xds, admin, ...(also.length > 0 && { also }), ...(rest && { rest }), ...(health && { health }) };
}
