import type { Logger } from "pino";
import type { Metrics } from "../admin/metrics.js";
import type { RestEvents } from "../server/rest/rest-events.js";
import { LineBudget } from "../util/line-budget.js";

/** Logs and counts what the REST server tells of its polls. */
export function restEvents(log: Logger, metrics: Metrics): RestEvents {
	const budget = new LineBudget();
	return {
		answered: (type, status) => metrics.polled(type.id, status),
		rejected: (client, type, version, error) => {
			metrics.nacked(type.id, client.family);
			// A client can say so as often as it likes.
			const unlogged = budget.take();
			if (unlogged === undefined) return;
			const more = unlogged > 0 && { unlogged };
			log.warn({ ...client, type: type.id, version, error, ...more }, "client rejected a response by REST");
		},
		failed: (error) => log.error({ err: error }, "REST server error"),
	};
}
