import type { Logger } from "pino";
import type { ServiceChange } from "../../catalog/catalog.js";
import { logLine } from "./log-line.js";

/** A line for each service that is pinned to what it was, and one when that ends. */
export function logPins(log: Logger, changes: readonly ServiceChange[]): void {
	for (const { name: service, previous, current } of changes) {
		const [pin, was] = [current?.pin, previous?.pin];
		if (pin && pin !== was) {
			const { version, endpoints, until } = pin;
			logLine(log, "service is pinned to what it was", { service, version, endpoints: endpoints.length, until });
		} else if (was && !pin) {
			logLine(log, "service is pinned no longer", { service, version: was.version });
		}
	}
}

/** A line for each target of which something is held, and one when that ends. @returns how many holds began. */
export function logHolds(log: Logger, changes: readonly ServiceChange[]): number {
	let begun = 0;
	for (const { name: service, previous, current } of changes) {
		const before = new Map(previous?.targets.map((status) => [status.target, status.held]));
		for (const { target, held, endpoints: answered } of current?.targets ?? []) {
			const old = before.get(target);
			// Whether it is to be held at all is decided within a second.
			const [now, was] = [held?.why !== "waiting" && held, old?.why !== "waiting" && old];
			if (now && (!was || was.endpoints.length < now.endpoints.length)) {
				begun++;
				const { endpoints, before: of, why } = now;
				const fields = { service, target, held: endpoints.length, of, why, answered };
				logLine(log, "endpoints are held: too many would go at once", fields);
			} else if (was && !now) {
				logLine(log, "endpoints are held no longer", { service, target, held: was.endpoints.length });
			}
		}
	}
	return begun;
}
