import type { ServiceState } from "../catalog/service-state.js";
import { sortTexts, type Turns } from "../util/slices.js";
import { endpointJson, registryJson, serviceJson } from "./admin-json.js";
import type { AdminSources } from "./admin-sources.js";
import { endpointShares } from "./endpoint-shares.js";
import type { EventHub } from "./events/event-hub.js";
import { eventStream } from "./events/event-stream.js";
import { clientList } from "./lists/client-list.js";
import { nodeClients } from "./lists/node-clients.js";
import { serviceList } from "./lists/service-list.js";
import type { ServiceNames } from "./lists/service-names.js";
import type { Metrics } from "./metrics/metrics.js";
import { type PageRow, renderPage } from "./page.js";
import { problemsByName } from "./problem-json.js";
import { elements, errorReply, jsonReply, jsonStream, type Reply, withList } from "./reply.js";

/** A part of the path in capitals stands for everything from there on, slashes too. */
export interface AdminRoute extends PageRow {
	/** @throws FingerpostError USAGE for a query that cannot be */
	handle(request: AdminRequest): Reply;
}

export interface AdminRequest {
	readonly sources: AdminSources;
	readonly metrics: Metrics;
	readonly serviceNames: ServiceNames;
	/** What stands for the part in capitals, percent-decoded. */
	readonly argument: string;
	readonly query: URLSearchParams;
	/** Tells what changes; nothing is told unless it is given. */
	readonly events?: EventHub | undefined;
	/** In which work that takes long is done. */
	readonly turns: Turns;
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
		summary: "200 once it can serve, and from then on; with ?strict 503 while a service is unknown",
		handle: ({ sources, query, turns }) => readiness(sources, query.has("strict"), turns),
	},
	{
		method: "GET",
		path: "/metrics",
		summary: "metrics for Prometheus",
		handle: ({ metrics, turns }) => ({ status: 200, type: metrics.contentType, body: metrics.chunks(turns) }),
	},
	{
		method: "GET",
		path: "/api/v1/services",
		summary: "all services: state, version, targets, notes, problems",
		handle: ({ sources, serviceNames, query, turns }) =>
			jsonStream(200, serviceList(sources, serviceNames, query), turns),
	},
	{
		method: "GET",
		path: "/api/v1/services/NAME",
		summary: "one service, with its endpoints and where each came from",
		handle: ({ sources, argument, turns }) => {
			const service = sources.service(argument);
			if (!service) return errorReply(404, `there is no service "${argument}"`);
			return jsonStream(200, serviceDetail(sources, service), turns);
		},
	},
	{
		method: "GET",
		path: "/api/v1/registries",
		summary: "whole registries: state, services found and served, notes",
		handle: ({ sources }) => jsonReply(200, { registries: (sources.registries?.() ?? []).map(registryJson) }),
	},
	{
		method: "GET",
		path: "/api/v1/clients",
		summary: "all clients: what each wants, was sent, has ACKed and has rejected",
		handle: ({ sources, query, turns }) => jsonStream(200, clientList(sources, query), turns),
	},
	{
		method: "GET",
		path: "/api/v1/clients/NODE",
		summary: "all clients of a node, and what each has of each name",
		handle: ({ sources, argument, turns }) => {
			const first = sources.clientsOf?.(argument)[Symbol.iterator]().next();
			if (!first || first.done) return errorReply(404, `no client of the node "${argument}" is connected`);
			return jsonStream(200, nodeClients(sources.clientsOf?.(argument) ?? []), turns);
		},
	},
	{
		method: "GET",
		path: "/api/v1/config",
		summary: "which config is in use, and how the last reload went",
		handle: ({ sources }) => {
			const config = sources.config?.();
			return config ? jsonReply(200, config) : errorReply(404, "there is no config");
		},
	},
	{
		method: "GET",
		path: "/api/v1/events",
		summary: "services, clients, changes and rejections as they come (server-sent events)",
		handle: ({ sources, events, query, turns }) => {
			if (!events) return errorReply(404, "nothing is told here");
			return eventStream(events, sources, query, turns);
		},
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

/** What the health listener has: nothing that says who the clients are or changes anything. */
export function healthRoutes(metrics: boolean): readonly AdminRoute[] {
	const paths = ["/healthz", "/readyz", ...(metrics ? ["/metrics"] : [])];
	return ADMIN_ROUTES.filter(({ path }) => paths.includes(path));
}

/** Whether the route serves this path, and what stands for its part in capitals, still encoded. */
export function matchPath(route: AdminRoute, path: string): string | undefined {
	const open = /^(.*\/)[A-Z]+$/.exec(route.path)?.[1];
	if (open === undefined) return path === route.path ? "" : undefined;
	return path.startsWith(open) && path.length > open.length ? path.slice(open.length) : undefined;
}

function readiness(sources: AdminSources, strict: boolean, turns: Turns): Reply {
	if (!strict && sources.canServe()) return jsonReply(200, { status: "ready" });
	const unknown: string[] = [];
	let count = 0;
	for (const service of sources.services()) {
		count++;
		if (service.state === "unknown") unknown.push(service.name);
	}
	for (const { target, state, lastSuccess } of sources.registries?.() ?? []) {
		count++;
		if (!lastSuccess && (strict || state === "connecting")) unknown.push(target);
	}
	if (unknown.length === 0) return jsonReply(200, { status: "ready" });
	const error = `${unknown.length} of ${count} services have no answer from their source yet`;
	const names = function* (): Iterable<string> {
		yield* elements(yield* sortTexts(unknown));
	};
	return jsonStream(503, withList({ error }, "unknown", names()), turns);
}

function* serviceDetail(sources: AdminSources, service: ServiceState): Iterable<string> {
	const problems = problemsByName(sources.problems ? yield* sources.problems(service.name) : []);
	const json = serviceJson(service, (name) => sources.versionOf(name), problems.get(service.name));
	const clients = sources.holders ? yield* sources.holders(service.name) : null;
	const shareOf = endpointShares(service.endpoints);
	const items = elements(service.endpoints, (e) => ({ ...endpointJson(e), share: shareOf(e) }));
	yield* withList({ ...json, clients }, "items", items);
}
