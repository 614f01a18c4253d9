import type { Logger } from "pino";
import type { ServiceChange } from "../../catalog/catalog.js";
import { logChanges } from "../change-log.js";
import { logEmpty } from "../log/empty-log.js";
import { logHolds, logPins } from "../log/kept-log.js";

/** All that is logged of changed services. @returns of how many targets endpoints are held from now on. */
export function logServices(log: Logger, changes: readonly ServiceChange[]): number {
	logChanges(log, changes);
	logEmpty(log, changes);
	logPins(log, changes);
	return logHolds(log, changes);
}
