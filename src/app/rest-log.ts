import type { Logger } from "pino";
import type { Metrics } from "../admin/metrics/metrics.js";
import type { RestEvents } from "../server/rest/rest-events.js";
import type { ClientLog } from "./client-log.js";
import { shownError } from "./stream-log.js";

/** Logs and counts what the REST server tells of its polls. */
export function restEvents(log: Logger, clients: ClientLog, metrics: Metrics): RestEvents {
	return {
		answered: (type, status) => metrics.polled(type.id, status),
		rejected: (client, type, version, error) => {
			metrics.nacked(type.id, client.family);
			const fields = { ...client, type: type.id, version, error: shownError(error) };
			clients.write("warn", fields, "client rejected a response by REST");
		},
		failed: (error) => log.error({ err: error }, "REST server error"),
	};
}
