import { compareText } from "../model/endpoint.js";
import { clientJson, serviceDetailJson, serviceJson } from "./admin-json.js";
import type { AdminSources } from "./admin-sources.js";
import type { Metrics } from "./metrics.js";
import { type PageRow, renderPage } from "./page.js";
import { problemsByName } from "./problem-json.js";
import { errorReply, jsonReply, type Reply } from "./reply.js";

/** A part of the path in capitals stands for everything from there on, slashes too. */
export interface AdminRoute extends PageRow {
	handle(request: AdminRequest): Reply | Promise<Reply>;
}

export interface AdminRequest {
	readonly sources: AdminSources;
	readonly metrics: Metrics;
	/** What stands for the part in capitals, percent-decoded. */
	readonly argument: string;
	readonly query: URLSearchParams;
}

/** Every route of the admin server; docs/admin-api.md describes each. */
export const ADMIN_ROUTES: readonly AdminRoute[] = [
	{
		method: "GET",
		path: "/",
		summary: "this page",
		handle: ({ sources }) => ({
			status: 200,
			type: "text/html; charset=utf-8",
			body: renderPage(sources.version, ADMIN_ROUTES),
		}),
	},
	{
		method: "GET",
		path: "/healthz",
		summary: "200 while the process runs",
		handle: ({ sources }) => jsonReply(200, { status: "ok", version: sources.version }),
	},
	{
		method: "GET",
		path: "/readyz",
		summary: "503 while a service is unknown, with the list of these",
		handle: ({ sources }) => readiness(sources),
	},
	{
		method: "GET",
		path: "/metrics",
		summary: "metrics for Prometheus",
		handle: async ({ metrics }) => ({ status: 200, type: metrics.contentType, body: await metrics.render() }),
	},
	{
		method: "GET",
		path: "/api/v1/services",
		summary: "all services: state, version, targets, notes, problems",
		handle: ({ sources }) => {
			const problems = problemsByName(sources.problems?.() ?? []);
			return jsonReply(200, {
				services: [...sources.services()]
					.sort((a, b) => compareText(a.name, b.name))
					.map((service) => serviceJson(service, (name) => sources.versionOf(name), problems.get(service.name))),
			});
		},
	},
	{
		method: "GET",
		path: "/api/v1/services/NAME",
		summary: "one service, with its endpoints and where each came from",
		handle: ({ sources, argument }) => {
			const service = sources.service(argument);
			if (!service) return errorReply(404, `there is no service "${argument}"`);
			const problems = problemsByName(sources.problems?.() ?? []);
			return jsonReply(
				200,
				serviceDetailJson(service, (name) => sources.versionOf(name), problems.get(argument)),
			);
		},
	},
	{
		method: "GET",
		path: "/api/v1/clients",
		summary: "all clients: what each wants, was sent, has ACKed and has rejected",
		handle: ({ sources }) =>
			jsonReply(200, {
				clients: [...sources.clients()]
					.sort((a, b) => compareText(a.node, b.node) || a.stream - b.stream)
					.map(clientJson),
			}),
	},
	{
		method: "POST",
		path: "/api/v1/targets/refresh",
		summary: "asks the source of ?target=… again now",
		handle: ({ sources, query }) => {
			const target = query.get("target");
			if (!target) return errorReply(400, "say which target: /api/v1/targets/refresh?target=…");
			if (!sources.refresh(target)) return errorReply(404, `no service has the target "${target}"`);
			return jsonReply(202, { target });
		},
	},
];

/** Whether the route serves this path, and what stands for its part in capitals, still encoded. */
export function matchPath(route: AdminRoute, path: string): string | undefined {
	const open = /^(.*\/)[A-Z]+$/.exec(route.path)?.[1];
	if (open === undefined) return path === route.path ? "" : undefined;
	return path.startsWith(open) && path.length > open.length ? path.slice(open.length) : undefined;
}

function readiness(sources: AdminSources): Reply {
	const unknown: string[] = [];
	let count = 0;
	for (const service of sources.services()) {
		count++;
		if (service.state === "unknown") unknown.push(service.name);
	}
	if (unknown.length === 0) return jsonReply(200, { status: "ready" });
	const what = `${unknown.length} of ${count} services have no answer from their source yet`;
	return errorReply(503, what, { unknown: unknown.sort(compareText) });
}
