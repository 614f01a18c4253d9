import type { Logger } from "pino";
import type { ChangeEvent, EventHub } from "../admin/events/event-hub.js";
import type { ServiceChange } from "../catalog/catalog.js";
import { diffOf } from "../catalog/history/diff-of.js";
import type { ServiceState } from "../catalog/service-state.js";
import { addressOf, type Endpoint, readyEndpoints } from "../model/endpoint.js";
import { changeTexts, type EndpointDiff } from "../model/endpoint-diff.js";
import { atOnce, type Steps } from "../util/steps.js";
import { isLogged, logLine } from "./log/log-line.js";

/** More addresses than this are only counted. */
const MAX_ADDRESSES = 20;
/** More changes than this at once, at a start or a large reload, become one line. */
const MAX_LINES = 50;

/** A line a service for what changed; a target's failure once, and its end once. */
export class ChangeLog {
	readonly #log: Logger;
	/** What is told when all parts have come, if it is not too much. */
	readonly #relevant: ServiceChange[] = [];
	#count = 0;
	#decided = 0;

	constructor(log: Logger) {
		this.#log = log;
	}

	/** @param more whether another part of the same changes follows. */
	*take(changes: readonly ServiceChange[], more: boolean): Steps<void> {
		const log = this.#log;
		if (isLogged(log, "service decided")) this.#logDecisions(changes);
		if (!log.isLevelEnabled("warn")) return;
		for (const change of changes) {
			logTargets(log, change);
			if (isVisible(change) && ++this.#count <= MAX_LINES) this.#relevant.push(change);
			yield;
		}
		if (more) return;
		const relevant = this.#relevant.splice(0);
		const count = this.#count;
		[this.#count, this.#decided] = [0, 0];
		if (count > MAX_LINES) logLine(log, "services changed", { services: count });
		else for (const change of relevant) yield* logChange(log, change);
	}

	#logDecisions(changes: readonly ServiceChange[]): void {
		for (const { current } of changes.slice(0, MAX_LINES - this.#decided)) logDecision(this.#log, current);
		this.#decided = Math.min(MAX_LINES, this.#decided + changes.length);
	}
}

/** All of the changes at once. */
export function logChanges(log: Logger, changes: readonly ServiceChange[]): void {
	atOnce(new ChangeLog(log).take(changes, false));
}

/** The same for those who read events: which services are other ones, and what changed of them. */
export function tellChanges(events: EventHub, changes: readonly ServiceChange[]): void {
	atOnce(tellInSteps(events, changes));
}

/** As tellChanges(). */
export function* tellInSteps(events: EventHub, changes: readonly ServiceChange[]): Steps<void> {
	for (const { name } of changes) events.service(name);
	if (!events.wants("changes") || changes.length > MAX_LINES) return;
	const at = new Date().toISOString();
	for (const change of changes.filter(isVisible)) {
		const { name: service, previous, current } = change;
		const { added = [], removed = [], changed = [] } = summary(yield* diffOf(change));
		const what = current ? whatHappened(previous, current) : "service removed";
		events.change({ at, service, what, endpoints: current?.endpoints.length ?? 0, added, removed, changed });
	}
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

function* logChange(log: Logger, change: ServiceChange): Steps<void> {
	const { name: service, previous, current } = change;
	if (!current) {
		logLine(log, "service removed", { service });
		return;
	}
	const message = whatHappened(previous, current);
	if (!isLogged(log, message)) return;
	const diff = yield* diffOf(change);
	logLine(log, message, {
		service,
		state: current.state,
		endpoints: current.endpoints.length,
		...summary(diff),
		...(current.notes.length > 0 && { notes: current.notes.slice(0, MAX_ADDRESSES) }),
	});
}

function whatHappened(previous: ServiceState | undefined, current: ServiceState) {
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
		if (status.outage !== old?.outage && status.outage) {
			const what = status.outage === "dropped" ? "left out" : "degraded";
			logLine(log, `target failed; its endpoints are ${what}`, {
				...{ service, target, state, error: status.lastError?.message },
			});
		} else if (failing && status.lastError && (!wasFailing || old?.lastError?.message !== status.lastError.message)) {
			const what = state === "stale" ? "what is known of it stays" : "nothing is known of it yet";
			logLine(log, `target failed; ${what}`, { service, target, state, error: status.lastError?.message });
		} else if (wasFailing && state === "synced") {
			logLine(log, "target recovered", { service, target, failedSince: old?.staleSince });
		}
	}
}

/** What the answers of the targets come to, and why. */
function logDecision(log: Logger, current: ServiceState | undefined): void {
	if (!current) return;
	const { name: service, state, endpoints, targets } = current;
	logLine(log, "service decided", {
		service,
		state,
		why: whyOf(current),
		ready: readyEndpoints(endpoints).length,
		endpoints: endpoints.length,
		targets: targets.slice(0, MAX_ADDRESSES).map((each) => `${each.target} ${each.state}`),
	});
}

function whyOf({ state, overdue, targets }: ServiceState): string {
	const count = (...states: readonly string[]) => targets.filter((each) => states.includes(each.state)).length;
	const failing = count("failed", "stale");
	const waiting = count("connecting");
	const missing = [`failing: ${failing}`, `yet to answer: ${waiting}`]
		.filter((each) => !each.endsWith(" 0"))
		.join(", ");
	if (state === "removing") return "it is gone from the config, and stays for the removal grace";
	if (state === "synced") return "every target has answered";
	const of = `targets ${missing || "without an answer"} (of ${targets.length})`;
	if (state === "stale") return `${of}: what was known of them stays`;
	return overdue ? `${of}: clients without a version get an empty list` : `${of}: nothing is told to clients yet`;
}

/** What is new, what is gone, and what is different: `127.0.0.1:8082 weight 50 -> 0`. */
function summary(diff: EndpointDiff): Partial<Pick<ChangeEvent, "added" | "removed" | "changed">> {
	const { added, removed, changed } = diff;
	return {
		...(added.length > 0 && { added: addresses(added) }),
		...(removed.length > 0 && { removed: addresses(removed) }),
		...(changed.length > 0 && { changed: changed.length > MAX_ADDRESSES ? changed.length : changeTexts(diff) }),
	};
}

function addresses(endpoints: readonly Endpoint[]): string[] | number {
	return endpoints.length > MAX_ADDRESSES ? endpoints.length : endpoints.map(addressOf);
}
