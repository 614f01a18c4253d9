// @ts-check
import { ApiError, get } from "./api.js";
import { changeList } from "./changes.js";
import { el } from "./dom.js";
import { counted, hashOf, hostPort, localityText, percent } from "./format.js";
import { ago, badge, bar, facts, nodeLink, section, table } from "./parts.js";
import { sent } from "./sent.js";
import { remarks, targets } from "./services.js";
import { zones } from "./zones.js";

/** @typedef {{view: string, name: string, query: URLSearchParams}} Route */

const MAX_ENDPOINTS = 500;

export const service = {
	/** @param {Route} route */
	title: ({ name }) => name,
	controls: () => [el("p", {}, el("a", { href: "#/services" }, "All services"))],
	/** @param {Route} route @param {AbortSignal} signal */
	async load({ name, query }, signal) {
		const path = `/api/v1/services/${encodeURIComponent(name)}`;
		const [state, history, resources] = await Promise.all([
			get(path, signal),
			historyOf(path, signal),
			sent(name, query, signal),
		]);
		return [
			facts([
				["State", badge(state.state)],
				["Ready", bar(state.endpoints.ready, state.endpoints.total, "ready endpoints")],
				["Version", el("code", {}, state.version || "none")],
				[
					"Clients with it",
					state.clients ? bar(state.clients.acked, state.clients.asking, "clients that have ACKed it") : "not known",
				],
				[
					"As JSON",
					[
						el("a", { href: path }, "service"),
						", ",
						el("a", { href: `${path}/explain` }, "explain"),
						", ",
						el("a", { href: `${path}/history` }, "history"),
						", ",
						el("a", { href: `${path}/resources` }, "resources"),
					],
				],
			]),
			section("Remarks", remarks(state) || el("p", {}, "None.")),
			section("Targets", targets(state.targets)),
			state.zones && section("Zones", zones(state.zones)),
			section("Endpoints", endpoints(state.items)),
			section("Clients", clients(state.clients)),
			resources,
			section(
				"History",
				history.length > 0 ? changeList(history) : el("p", {}, "Nothing has changed since the start."),
			),
		];
	},
	/** @param {{kind: string, data: any}} event @param {Route} route */
	touches: ({ kind, data }, { name }) =>
		kind === "service" ? data.name === name : kind === "change" ? data.service === name : true,
};

/** @param {string} path @param {AbortSignal} signal @returns {Promise<any[]>} */
async function historyOf(path, signal) {
	try {
		return (await get(`${path}/history?limit=30`, signal)).changes;
	} catch (error) {
		if (error instanceof ApiError && error.status === 404) return [];
		throw error;
	}
}

/** @param {readonly any[]} items */
function endpoints(items) {
	if (items.length === 0) return el("p", {}, "None.");
	const rows = items
		.slice(0, MAX_ENDPOINTS)
		.map((each) => [
			hostPort(each.address, each.port),
			[badge(each.health), each.held && " ", each.held && badge("held")],
			each.weight,
			share(each.share),
			each.priority,
			localityText(each.locality),
			each.origin ? [el("code", {}, each.origin.target), each.origin.object !== null && ` ${each.origin.object}`] : "",
			ago(each.origin?.at),
		]);
	return [
		table("Endpoints", ["Address", "Health", "Weight", "Share", "Priority", "Locality", "Origin", "So since"], rows),
		items.length > MAX_ENDPOINTS &&
			el("p", {}, `${counted(items.length - MAX_ENDPOINTS, "more endpoint")} in the JSON.`),
	];
}

/** Of the traffic of its priority. @param {{envoy: number, grpc: number} | null} of */
function share(of) {
	if (!of) return "no traffic";
	return of.envoy === of.grpc ? percent(of.envoy) : `Envoy ${percent(of.envoy)}, gRPC ${percent(of.grpc)}`;
}

/** @param {any} holders */
function clients(holders) {
	if (!holders || holders.asking === 0) return el("p", {}, "No client asks for it.");
	const row = (/** @type {any} */ each) => [
		nodeLink(each.node),
		each.stream,
		...["cds", "eds", "lds", "rds"].map((type) => (each.types[type] ? badge(each.types[type]) : "")),
	];
	const named = [...holders.lacking, ...holders.having];
	return [
		el(
			"p",
			{},
			`${counted(holders.asking, "client asks", "clients ask")} for it; ${holders.acked} have ACKed the newest version of all.`,
		),
		table(
			"Clients of the service, those without it first",
			["Node", "Stream", "CDS", "EDS", "LDS", "RDS"],
			named.map(row),
		),
		holders.asking > named.length &&
			el(
				"p",
				{},
				`${holders.asking - named.length} more are not named. `,
				el("a", { href: hashOf("clients") }, "All clients"),
			),
	];
}
