import type { Logger } from "pino";
import type { ResourceProblem } from "../../cache/resource-problem.js";
import { logLine } from "./log-line.js";

/** Logs a resource that the cache could not make for clients of a view. */
export function logProblem(log: Logger, { name, type, family, reason, message }: ResourceProblem): void {
	const what = reason === "tooLarge" ? "service is too large for clients" : "service cannot be encoded";
	logLine(log, what, { service: name, type, family, reason: message });
}
