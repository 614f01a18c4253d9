import type { ServiceState } from "../../catalog/service-state.js";
import { parseDuration } from "../../util/duration.js";
import { FingerpostError } from "../../util/errors.js";
import type { HistorySources } from "../history/history-sources.js";
import { errorReply, jsonReply, type Reply } from "../reply.js";

/** `POST /api/v1/services/NAME/rollback` */
export interface RollbackJson {
	readonly service: string;
	/** What it is pinned to. */
	readonly version: string;
	readonly endpoints: number;
	readonly until: string;
}

/** The longest that a service is pinned for: 7 days. */
const MAX_FOR_MS = 7 * 24 * 3_600_000;

/**
 * Pins a service to what it was: at the version `to`, or before its newest change.
 * @throws FingerpostError USAGE for a query that cannot be
 */
export function rollback({ name }: ServiceState, history: HistorySources, query: URLSearchParams): Reply {
	const time = parseDuration(query.get("for") ?? "");
	if (!time || time > MAX_FOR_MS) throw new FingerpostError("USAGE", "say for how long: ?for=30m, at most 168h");
	const to = query.get("to") ?? undefined;
	let [undone, version, found] = [0, "", false];
	for (const change of history.changesOf(name)) {
		found = to === undefined ? undone === 1 : change.version === to;
		({ version } = change);
		if (found) break;
		undone++;
	}
	if (!found) {
		const what = to === undefined ? "no state before the present one" : `no version "${to}"`;
		return errorReply(404, `${what} of "${name}" is known; its history tells which there are`);
	}
	let left = undone;
	const endpoints = history.endpointsBefore(name, () => left-- > 0) ?? [];
	const since = new Date();
	const until = new Date(since.getTime() + time);
	if (!history.pin(name, { endpoints, version, since, until })) return errorReply(409, `"${name}" is being removed`);
	const json: RollbackJson = { service: name, version, endpoints: endpoints.length, until: until.toISOString() };
	return jsonReply(200, json);
}

export function release(name: string, history: HistorySources): Reply {
	const released = history.release(name);
	if (released === undefined) return errorReply(409, `"${name}" is being removed`);
	return jsonReply(200, { service: name, released });
}
