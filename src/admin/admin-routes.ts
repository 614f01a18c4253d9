import { type ServiceState, writtenAt } from "../catalog/service-state.js";
import { sortTexts, type Turns } from "../util/slices.js";
import { endpointJson, registryJson, serviceJson } from "./admin-json.js";
import type { AdminRoute } from "./admin-route.js";
import type { AdminSources } from "./admin-sources.js";
import { converged } from "./converged/converged.js";
import { endpointShares } from "./endpoint-shares.js";
import { eventStream } from "./events/event-stream.js";
import { EXPLAIN_ROUTES } from "./explain/explain-routes.js";
import { checksumList } from "./lists/checksum.js";
import { clientList } from "./lists/client-list.js";
import { nodeClients } from "./lists/node-clients.js";
import { serviceList } from "./lists/service-list.js";
import { OVERVIEW_ROUTES } from "./overview/overview-routes.js";
import { pageRoutes } from "./page/page-routes.js";
import { problemsByName } from "./problem-json.js";
import { DEMAND_ROUTE, REPLICAS_ROUTE, SHARED_DEMAND_ROUTE } from "./replicas/demand-routes.js";
import { elements, errorReply, jsonReply, jsonStream, type Reply, withList } from "./reply.js";
import { RESOURCE_ROUTES } from "./resources/resource-routes.js";
import { heldAddresses } from "./target-json.js";
import { zoneJson } from "./zones/zone-json.js";

/** Every route of the admin server; docs/admin-api.md describes each. */
export const ADMIN_ROUTES: readonly AdminRoute[] = [
	...pageRoutes(() => ADMIN_ROUTES),
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
	...OVERVIEW_ROUTES,
	{
		method: "GET",
		path: "/api/v1/services",
		summary: "all services: state, version, targets, notes, problems",
		handle: ({ sources, serviceNames, query, turns }) =>
			jsonStream(200, serviceList(sources, serviceNames, query), turns),
	},
	// Before the next one, of which NAME may have slashes in it.
	...EXPLAIN_ROUTES,
	...RESOURCE_ROUTES,
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
			return jsonStream(200, nodeClients(sources.clientsOf?.(argument) ?? [], sources.nearest), turns);
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
		method: "GET",
		path: "/api/v1/checksum",
		summary: "a checksum of each service and of all: equal on replicas that serve the same",
		handle: ({ sources, serviceNames, turns }) => jsonStream(200, checksumList(sources, serviceNames), turns),
	},
	{
		method: "GET",
		path: "/api/v1/converged",
		summary: "answers once every client of ?service= has ACKed that ?address= is there, or with ?absent=true gone",
		handle: ({ sources, query, signal }) => converged(sources, query, signal),
	},
	DEMAND_ROUTE,
	REPLICAS_ROUTE,
	{
		method: "POST",
		path: "/api/v1/services/NAME/approve",
		summary: "believes the sources of a service: endpoints that are held go",
		handle: ({ sources, argument }) => {
			const released = sources.approve?.(argument);
			if (released === undefined) return errorReply(404, `there is no service "${argument}"`);
			return jsonReply(200, { service: argument, released });
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
	const routes = ADMIN_ROUTES.filter(({ path }) => paths.includes(path));
	// Numbers of clients, as in the metrics.
	return metrics ? [...routes, SHARED_DEMAND_ROUTE] : routes;
}

/** Whether the route serves this path, and what stands for its part in capitals, still encoded. */
export function matchPath(route: AdminRoute, path: string): string | undefined {
	const [, open, end = ""] = /^(.*\/)[A-Z]+(\/[a-z]+)?$/.exec(route.path) ?? [];
	if (open === undefined) return path === route.path ? "" : undefined;
	const isLonger = path.length > open.length + end.length;
	return isLonger && path.startsWith(open) && path.endsWith(end)
		? path.slice(open.length, path.length - end.length)
		: undefined;
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
	const held = heldAddresses(service.targets);
	const written = writtenAt(service);
	const items = elements(service.endpoints, (e) => ({
		...endpointJson(e, written),
		share: shareOf(e),
		held: held.has(e),
	}));
	const zones = sources.zonesOf?.(service)?.map(zoneJson) ?? null;
	yield* withList({ ...json, clients, zones }, "items", items);
}
