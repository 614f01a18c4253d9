import type { Logger } from "pino";
import type { Metrics } from "../admin/metrics.js";
import { Cache, type ServiceSource } from "../cache/cache.js";
import type { RestSettings } from "../config/config.js";
import type { Limits } from "../model/limits.js";
import { encodeService } from "../resources/encode-service.js";
import { restSource } from "../resources/messages/config-source.js";
import { RestServer } from "../server/rest/rest-server.js";
import type { ClientLog } from "./client-log.js";
import { restEvents } from "./rest-log.js";

export interface RestParts {
	readonly services: ServiceSource;
	/** Where endpoints and routes are: they are the same for all clients. */
	readonly shared: Cache;
	readonly log: Logger;
	readonly clientLog: ClientLog;
	readonly metrics: Metrics;
	readonly limits: Limits;
}

/** The REST server, with a cache of its own of what differs there: clusters and listeners lead on by REST. */
export function restServing(settings: RestSettings, parts: RestParts): { server: RestServer; cache: Cache } {
	const { services, shared, log, clientLog, metrics, limits } = parts;
	const source = restSource(settings.cluster, settings.refreshDelay);
	const cache = new Cache(services, (type, view, service, endpoints) =>
		encodeService(type, view, service, endpoints, { source }),
	);
	const caches = { cds: cache, eds: shared, lds: cache, rds: shared };
	return { server: new RestServer(caches, restEvents(log, clientLog, metrics), limits), cache };
}
