import type { Logger } from "pino";
import type { Metrics } from "../admin/metrics/metrics.js";
import type { RestEvents } from "../server/rest/rest-events.js";
import type { ClientLog } from "./log/client-log.js";
import { logLine } from "./log/log-line.js";
import { shownError } from "./log/shown.js";
import type { Security } from "./security/security.js";

/** Logs and counts what the REST server tells of its polls. */
export function restEvents(log: Logger, clients: ClientLog, metrics: Metrics, security: Security): RestEvents {
	return {
		answered: (type, status, address) => {
			metrics.polled(type.id, status);
			clients.write("poll by REST", { address, type: type.id, status });
		},
		rejected: (client, type, version, error) => {
			metrics.nacked(type.id, client.family);
			const fields = { ...client, type: type.id, version, error: shownError(error) };
			clients.write("client rejected a response by REST", fields);
		},
		limited: (client, limit) => {
			metrics.limited(limit);
			if (limit !== "zones") return;
			clients.write("clients name more zones than xds.limits allows; they get what clients without a zone get", {
				...client,
				limit,
			});
		},
		unauthenticated: (address, reason) => security.unproven(address, reason),
		refused: (address, reason) => security.refused("xds", address, reason),
		failed: (error) => logLine(log, "REST server error", { err: error }),
	};
}
