import type { ServiceState } from "../../catalog/service-state.js";
import { FingerpostError } from "../../util/errors.js";
import type { AdminRequest, AdminRoute } from "../admin-route.js";
import type { HistorySources } from "../history/history-sources.js";
import { errorReply, jsonReply, jsonStream, type Reply } from "../reply.js";
import { explainList } from "./explain-json.js";
import { explainedAt } from "./explained-at.js";
import { diffSince, historyList } from "./history-json.js";
import { release, rollback } from "./rollback.js";
import { timeQuery } from "./time-query.js";

const DEFAULT_CHANGES = 100;
const MAX_CHANGES = 10_000;

/** What a service is, was, and is made to be. */
export const EXPLAIN_ROUTES: readonly AdminRoute[] = [
	{
		method: "GET",
		path: "/api/v1/services/NAME/explain",
		summary: "where each endpoint comes from, by which rule it is as it is, who has it; ?address=, ?at= and ?client=",
		handle: (request) => ofService(request, explain),
	},
	{
		method: "GET",
		path: "/api/v1/services/NAME/history",
		summary: "the last changes of its endpoints, newest first; ?limit=",
		handle: ({ sources, argument, query, turns }) => {
			const { history } = sources;
			const limit = query.get("limit") ?? String(DEFAULT_CHANGES);
			if (!/^\d{1,5}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_CHANGES)
				throw new FingerpostError("USAGE", `limit is a number from 1 to ${MAX_CHANGES}`);
			// What was removed has a history, too.
			if (!history || (!sources.service(argument) && !history.last(argument))) return noService(argument);
			return jsonStream(200, historyList(history, argument, Number(limit)), turns);
		},
	},
	{
		method: "GET",
		path: "/api/v1/services/NAME/diff",
		summary: "how its endpoints are other than they were: ?since=10m, or a time",
		handle: (request) =>
			ofService(request, (service, history) => {
				const since = timeQuery(request.query, "since");
				if (since === undefined) throw new FingerpostError("USAGE", "say since when: ?since=10m, or a time");
				const diff = diffSince(history, service, since);
				return diff ? jsonReply(200, diff) : notSoFar(service.name);
			}),
	},
	{
		method: "POST",
		path: "/api/v1/services/NAME/rollback",
		summary: "serves it as it was at version ?to=, or before its newest change, ?for=30m, whatever its sources say",
		handle: (request) => ofService(request, (service, history) => rollback(service, history, request.query)),
	},
	{
		method: "POST",
		path: "/api/v1/services/NAME/release",
		summary: "ends a rollback: what its sources say is served",
		handle: (request) => ofService(request, ({ name }, history) => release(name, history)),
	},
];

type Handle = (service: ServiceState, history: HistorySources, request: AdminRequest) => Reply | Promise<Reply>;

function ofService(request: AdminRequest, handle: Handle): Reply | Promise<Reply> {
	const { sources, argument } = request;
	const service = sources.service(argument);
	if (!service) return noService(argument);
	if (!sources.history) return errorReply(404, "nothing is remembered here");
	return handle(service, sources.history, request);
}

function explain(service: ServiceState, history: HistorySources, request: AdminRequest): Reply | Promise<Reply> {
	const { sources, query, signal, turns } = request;
	const address = query.get("address") ?? undefined;
	const at = timeQuery(query, "at");
	const client = query.get("client") ?? undefined;
	if (at !== undefined || client !== undefined) {
		if (address === undefined) throw new FingerpostError("USAGE", "at and client are of one ?address=10.0.0.7:8080");
		return explainedAt(service, history, { address, at: at ?? Date.now(), client }) ?? notSoFar(service.name);
	}
	return history.locate(service.name, signal).then((places) => {
		return jsonStream(200, explainList(sources, service, { address, places }), turns);
	});
}

function noService(name: string): Reply {
	return errorReply(404, `there is no service "${name}"`);
}

function notSoFar(name: string): Reply {
	return errorReply(404, `what "${name}" was at that time is not known any more, or not yet`);
}
