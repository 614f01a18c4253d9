import type { Logger } from "pino";
import type { ServiceChange } from "../../catalog/catalog.js";
import { isLogged, logLine } from "./log-line.js";

/** More notes than this are not logged. */
const MAX_NOTES = 20;

/**
 * One warning for each target whose source says that it has no endpoint: a name, a namespace or a port may be misspelt.
 * Again only after it had some.
 */
export function logEmpty(log: Logger, changes: readonly ServiceChange[]): void {
	if (!isLogged(log, "target has no endpoint")) return;
	for (const { name: service, previous, current } of changes) {
		if (!current) continue;
		const before = new Map(previous?.targets.map(({ target, endpoints }) => [target, endpoints]));
		for (const { target, endpoints } of current.targets) {
			if (endpoints !== 0 || before.get(target) === 0) continue;
			logLine(log, "target has no endpoint", { service, target, notes: current.notes.slice(0, MAX_NOTES) });
		}
	}
}
