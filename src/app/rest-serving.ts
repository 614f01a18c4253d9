import type { Logger } from "pino";
import type { Metrics } from "../admin/metrics/metrics.js";
import { Cache, type ServiceSource } from "../cache/cache.js";
import type { Config } from "../config/config.js";
import { encodeServiceInSteps } from "../resources/encode-service.js";
import { restSource } from "../resources/messages/config-source.js";
import { forEachType } from "../resources/resource-types.js";
import { RestServer } from "../server/rest/rest-server.js";
import { IDENTIFIER } from "../util/version.js";
import type { ClientLog } from "./log/client-log.js";
import { restEvents } from "./rest-log.js";
import type { Security } from "./security/security.js";

export interface RestParts {
	readonly services: ServiceSource;
	/** Where the resources are that lead to no others, such as endpoints: they are the same for all clients. */
	readonly shared: Cache;
	readonly log: Logger;
	readonly clientLog: ClientLog;
	readonly metrics: Metrics;
	readonly security: Security;
}

/** The REST server. What leads to other resources has a cache of its own: there it leads on by REST. */
export function restServing(xds: Config["xds"], parts: RestParts): { server: RestServer; cache: Cache } {
	const { services, shared, log, clientLog, metrics, security } = parts;
	const { authentication } = security;
	const source = restSource(xds.rest.cluster, xds.rest.refreshDelay);
	const cache = new Cache(services, (type, view, service, endpoints) =>
		encodeServiceInSteps(type, view, service, endpoints, { source }),
	);
	const caches = forEachType(({ child }) => (child ? cache : shared));
	const events = restEvents(log, clientLog, metrics, security);
	const settings = { ...xds, authentication, identifier: IDENTIFIER, interval: xds.rest.refreshDelay };
	return { server: new RestServer(caches, events, settings), cache };
}
