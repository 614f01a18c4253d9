import type { Logger } from "pino";
import { healthRoutes } from "../admin/admin-routes.js";
import { AdminServer } from "../admin/admin-server.js";
import type { AnsweredRequest } from "../admin/admin-server-options.js";
import type { AdminSources } from "../admin/admin-sources.js";
import type { EventHub } from "../admin/events/event-hub.js";
import type { Metrics } from "../admin/metrics/metrics.js";
import type { Config } from "../config/config.js";
import { cleanText } from "../util/text/clean-text.js";
import type { ClientLog } from "./log/client-log.js";
import { logLine } from "./log/log-line.js";
import { rounded } from "./log/look-up-log.js";
import type { Security } from "./security/security.js";

export interface AdminParts {
	readonly sources: AdminSources;
	readonly metrics: Metrics;
	readonly events: EventHub;
	readonly log: Logger;
	readonly clientLog: ClientLog;
	readonly security: Security;
}

/** Characters of a path that are logged. */
const MAX_PATH = 500;

/** The admin server, and the one that has health alone where the config asks for it. */
export function adminServing(
	{ listen, socketMode, hosts = [], health: healthListen, metrics: hasMetrics = true }: Config["admin"],
	{ sources, metrics, events, log, clientLog, security }: AdminParts,
): { readonly admin: AdminServer; readonly health: AdminServer | undefined } {
	const onError = (error: unknown) => logLine(log, "admin request failed", { err: error });
	const onAnswered = ({ path, seconds, isWrite, who, ...answered }: AnsweredRequest) => {
		if (!isWrite && !clientLog.wants("admin request")) return;
		const fields = { ...answered, path: cleanText(path, { max: MAX_PATH }) };
		if (isWrite) logLine(log, "admin change", { ...fields, ...(who && { who: cleanText(who, { max: MAX_PATH }) }) });
		clientLog.write("admin request", { ...fields, seconds: rounded(seconds) });
	};
	const parts = { sources, metrics, onError, onAnswered };
	const onRefused = (address: string, reason: string) => security.refused("admin", address, reason);
	const { admin: tls, tokens } = security;
	const admin = new AdminServer({ listen, socketMode, hosts, tls, tokens, onRefused, events, ...parts });
	const healthOnly = { routes: healthRoutes(hasMetrics), setting: "admin.health" as const };
	return { admin, health: healthListen && new AdminServer({ listen: healthListen, ...parts, ...healthOnly }) };
}
