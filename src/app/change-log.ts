import type { Logger } from "pino";
import type { ServiceChange } from "../catalog/catalog.js";
import type { ServiceState } from "../catalog/service-state.js";
import { addressOf, type Endpoint } from "../model/endpoint.js";
import { diffEndpoints } from "../model/endpoint-diff.js";

/** More addresses than this are only counted. */
const MAX_ADDRESSES = 20;
/** More changes than this at once, at a start or a large reload, become one line. */
const MAX_LINES = 50;

/** A line a service for what changed; a target's failure once, and its end once. */
export function logChanges(log: Logger, changes: readonly ServiceChange[]): void {
	if (log.isLevelEnabled("warn")) for (const change of changes) logTargets(log, change);
	if (!log.isLevelEnabled("info")) return;
	const relevant = changes.filter(isVisible);
	if (relevant.length > MAX_LINES) {
		log.info({ services: relevant.length }, "services changed");
		return;
	}
	for (const change of relevant) logChange(log, change);
}

function isVisible({ previous, current }: ServiceChange): boolean {
	return (
		previous?.endpoints !== current?.endpoints ||
		previous?.known !== current?.known ||
		previous?.definition !== current?.definition ||
		(previous?.state === "removing") !== (current?.state === "removing") ||
		previous?.overdue !== current?.overdue ||
		previous?.notes.join() !== current?.notes.join()
	);
}

function logChange(log: Logger, { name: service, previous, current }: ServiceChange): void {
	if (!current) {
		log.info({ service }, "service removed");
		return;
	}
	const { added, removed, changed } = diffEndpoints(previous?.endpoints ?? [], current.endpoints);
	const fields = {
		service,
		state: current.state,
		endpoints: current.endpoints.length,
		...(added.length > 0 && { added: summary(added) }),
		...(removed.length > 0 && { removed: summary(removed) }),
		...(changed.length > 0 && { changed: summary(changed) }),
		...(current.notes.length > 0 && { notes: current.notes.slice(0, MAX_ADDRESSES) }),
	};
	log.info(fields, whatHappened(previous, current));
}

function whatHappened(previous: ServiceState | undefined, current: ServiceState): string {
	if (!previous) return "service added";
	if (current.state === "removing") return "service is being removed";
	if (previous.state === "removing") return "service is back";
	if (current.overdue && !previous.overdue) return "service is still unknown at the sync deadline";
	return "service changed";
}

function logTargets(log: Logger, { name: service, previous, current }: ServiceChange): void {
	const before = new Map(previous?.targets.map((status) => [status.target, status]));
	for (const status of current?.targets ?? []) {
		const { target, state } = status;
		const old = before.get(target);
		const failing = state === "failed" || state === "stale";
		const wasFailing = old?.state === "failed" || old?.state === "stale";
		if (failing && (!wasFailing || old?.lastError?.message !== status.lastError?.message)) {
			log.warn(
				{ service, target, state, error: status.lastError?.message },
				"target failed; what is known of it stays",
			);
		} else if (wasFailing && state === "synced") {
			log.info({ service, target, failedSince: old?.staleSince }, "target recovered");
		}
	}
}

function summary(endpoints: readonly Endpoint[]): string[] | number {
	return endpoints.length > MAX_ADDRESSES ? endpoints.length : endpoints.map(addressOf);
}
