// @ts-check
import { get } from "./api.js";
import { el } from "./dom.js";
import { counted, hashOf, localityText, pattern, typeState } from "./format.js";
import { ago, badge, nodeLink, pager, searchField, table } from "./parts.js";

/** @typedef {{view: string, name: string, query: URLSearchParams}} Route */

const LIMIT = 25;
export const TYPES = ["cds", "eds", "lds", "rds"];
/** As the server's filter calls them, and in words. */
const STATES = [
	["", "any"],
	["nacked", "rejected"],
	["pending", "sending"],
	["missing", "missing names"],
	["asks-nothing", "asks nothing"],
	["synced", "synced"],
];

export const clients = {
	title: () => "Clients",
	/** @param {Route} route @param {(hash: string) => void} go */
	controls({ query }, go) {
		const search = searchField(query);
		const chosen = query.get("state") ?? "";
		const state = el(
			"select",
			{ id: "state" },
			...STATES.map(([value, text]) => el("option", { value, selected: value === chosen }, text)),
		);
		const found = () =>
			go(
				hashOf("clients", "", {
					search: /** @type {HTMLInputElement} */ (search).value.trim(),
					state: /** @type {HTMLSelectElement} */ (state).value,
				}),
			);
		search.addEventListener("input", found);
		state.addEventListener("change", found);
		return [
			el(
				"p",
				{ class: "controls", role: "search" },
				el("label", {}, "Node ", search),
				el("label", {}, "State ", state),
			),
		];
	},
	/** @param {Route} route @param {AbortSignal} signal */
	async load({ query }, signal) {
		const asked = new URLSearchParams({ limit: String(LIMIT), names: "0" });
		const [search, state, after] = [query.get("search"), query.get("state"), query.get("after")];
		if (search) asked.set("node", pattern(search));
		if (state) asked.set("state", state);
		if (after) asked.set("after", after);
		const { clients: found } = await get(`/api/v1/clients?${asked}`, signal);
		const rows = found.map((/** @type {any} */ each) => [
			nodeLink(each.node),
			each.identity ?? "",
			each.userAgent || each.family,
			localityText(each.locality),
			...TYPES.map((type) =>
				each.types[type] ? badge(typeState(each.types[type]), each.types[type].nacked?.error ?? "") : "",
			),
			each.address,
			ago(each.connectedAt),
		]);
		const last = found.length === LIMIT ? String(found.at(-1).stream) : undefined;
		return [
			found.length === 0
				? el("p", {}, "No client is so.")
				: table(
						"Clients",
						["Node", "Identity", "Program", "Zone", "CDS", "EDS", "LDS", "RDS", "Address", "Connected"],
						rows,
					),
			el("p", { class: "count" }, `${counted(found.length, "client")} on this page`),
			pager("clients", query, last),
		];
	},
	touches: () => true,
};
