// @ts-check
import { get } from "./api.js";
import { TYPES } from "./clients.js";
import { el } from "./dom.js";
import { counted, localityText, typeState } from "./format.js";
import { ago, badge, facts, section, serviceLink, table } from "./parts.js";

/** @typedef {{view: string, name: string, query: URLSearchParams}} Route */

const MAX_NAMES = 500;

export const client = {
	/** @param {Route} route */
	title: ({ name }) => name,
	controls: () => [el("p", {}, el("a", { href: "#/clients" }, "All clients"))],
	/** @param {Route} route @param {AbortSignal} signal */
	async load({ name }, signal) {
		const { clients } = await get(`/api/v1/clients/${encodeURIComponent(name)}`, signal);
		return clients.map(stream);
	},
	touches: () => true,
};

/** @param {any} of */
function stream(of) {
	const types = TYPES.filter((type) => of.types[type]);
	return section(
		`Stream ${of.stream}`,
		facts([
			["Program", of.userAgent || of.family],
			["Family", of.family],
			["Identity", of.identity ?? "none proved"],
			["Zone", zone(of)],
			...group(of),
			["Address", of.address],
			["Connected", ago(of.connectedAt)],
		]),
		...types.map((type) => one(type, of.types[type])),
	);
}

/** Where it says that it runs, and whether that counts. @param {any} of */
function zone({ locality, zone: counting }) {
	const said = localityText(locality) || "none";
	return (locality?.zone || locality?.region) && !counting
		? `${said}, which does not count: it gets what clients without a zone get`
		: said;
}

/** Nothing while no service gives its clients a part each. @param {any} of @returns {[string, string][]} */
function group(of) {
	return of.group === null ? [] : [["Group", `${of.group}, by which it gets its part of large services`]];
}

/** What may be meant by a name that is missing. @param {any} of */
function meant({ name, nearest }) {
	if (nearest === null) return "";
	return nearest === name ? " no rule lets it see it" : [" did you mean ", serviceLink(nearest), "?"];
}

/** @param {string} id @param {any} type */
function one(id, type) {
	const { nacked, resources, sent, acked, wildcard } = type;
	const lacking = resources.filter((/** @type {any} */ each) => each.state !== "acked");
	const sorted = [...lacking, ...resources.filter((/** @type {any} */ each) => each.state === "acked")];
	const rows = sorted
		.slice(0, MAX_NAMES)
		.map((each) => [
			each.state === "missing" ? each.name : serviceLink(each.name),
			[badge(each.state), meant(each)],
			el("code", {}, each.version ?? ""),
		]);
	return el(
		"section",
		{},
		el("h3", {}, `${id.toUpperCase()} `, badge(typeState(type))),
		el(
			"p",
			{},
			wildcard ? "Asks for all" : `Asks for ${counted(type.names.length, "name")}`,
			sent && [", was sent ", sent.version, " "].join(""),
			ago(sent?.at),
			acked && `, has ACKed ${acked.version} `,
			ago(acked?.at),
			lacking.length > 0 && `; lacks ${lacking.length} of ${resources.length}`,
		),
		nacked &&
			el(
				"div",
				{ class: "alarm" },
				el("p", {}, `Rejects ${nacked.resources.slice(0, 20).join(", ")} `, ago(nacked.at), ", in its own words:"),
				el("pre", {}, nacked.error),
			),
		rows.length > 0 && table(`${id.toUpperCase()}, what it lacks first`, ["Name", "State", "Version"], rows),
		sorted.length > MAX_NAMES && el("p", {}, `${counted(sorted.length - MAX_NAMES, "more name")} in the JSON.`),
	);
}
