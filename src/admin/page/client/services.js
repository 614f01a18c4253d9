// @ts-check
import { get } from "./api.js";
import { el } from "./dom.js";
import { counted, hashOf, pattern } from "./format.js";
import { badge, bar, pager, searchField, serviceLink, table } from "./parts.js";

const LIMIT = 25;

/** @typedef {{view: string, name: string, query: URLSearchParams}} Route */

export const services = {
	title: () => "Services",
	/** @param {Route} route @param {(hash: string) => void} go */
	controls({ query }, go) {
		const search = searchField(query);
		const only = el("input", { type: "checkbox", id: "only", checked: query.get("only") === "problems" });
		const found = () =>
			go(
				hashOf("services", "", {
					search: /** @type {HTMLInputElement} */ (search).value.trim(),
					only: /** @type {HTMLInputElement} */ (only).checked ? "problems" : "",
				}),
			);
		search.addEventListener("input", found);
		only.addEventListener("change", found);
		return [
			el(
				"p",
				{ class: "controls", role: "search" },
				el("label", {}, "Name ", search),
				el("label", {}, only, " Only problems"),
			),
		];
	},
	/** @param {Route} route @param {AbortSignal} signal */
	async load({ query }, signal) {
		const asked = new URLSearchParams({ limit: String(LIMIT), clients: "" });
		const search = query.get("search");
		const after = query.get("after");
		if (search) asked.set("service", pattern(search));
		if (query.get("only")) asked.set("only", "problems");
		if (after) asked.set("after", after);
		const { services: found } = await get(`/api/v1/services?${asked}`, signal);
		const rows = found.map((/** @type {any} */ each) => [
			serviceLink(each.name),
			badge(each.state),
			bar(each.endpoints.ready, each.endpoints.total, "ready endpoints"),
			each.clients ? bar(each.clients.acked, each.clients.asking, "clients that have ACKed it") : "",
			targets(each.targets),
			remarks(each),
		]);
		const last = found.length === LIMIT ? found.at(-1).name : undefined;
		return [
			found.length === 0
				? el("p", {}, "No service is so.")
				: table("Services", ["Service", "State", "Ready", "Clients with it", "Targets", "Remarks"], rows),
			el("p", { class: "count" }, `${counted(found.length, "service")} on this page`),
			pager("services", query, last),
		];
	},
	/** @param {{kind: string}} event */
	touches: ({ kind }) => kind !== "nack",
};

/** @param {readonly any[]} all */
export function targets(all) {
	return el(
		"ul",
		{ class: "plain" },
		...all.map((each) =>
			el(
				"li",
				{},
				badge(each.state),
				" ",
				el("code", {}, each.target),
				each.lastError !== null && each.state !== "synced" && el("span", { class: "error" }, ` ${each.lastError}`),
			),
		),
	);
}

/** What is wrong with a service, and what is worth knowing, the former first. @param {any} service */
export function remarks({ problems, notes, endpoints, pin, compare }) {
	const items = problems.map((/** @type {any} */ each) => [
		badge(each.reason),
		` ${[each.type, each.family].filter(Boolean).join(", ")} `,
		each.message,
	]);
	if (endpoints.held > 0)
		items.push([badge("held"), ` ${counted(endpoints.held, "endpoint")} that the source does not have any more`]);
	if (pin) items.push([badge("pinned"), ` to ${pin.version} until ${pin.until}`]);
	if (compare?.since) items.push([badge("differs"), ` from ${compare.target}`]);
	for (const note of notes) items.push([badge("note"), ` ${note}`]);
	if (items.length === 0) return "";
	const shown = items.slice(0, SHOWN);
	if (items.length > SHOWN) shown.push([`and ${items.length - SHOWN} more`]);
	return el("ul", { class: "plain" }, ...shown.map((/** @type {any} */ parts) => el("li", {}, ...parts)));
}

const SHOWN = 5;
