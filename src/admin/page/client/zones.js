// @ts-check
import { el } from "./dom.js";
import { localityText, percent } from "./format.js";
import { table } from "./parts.js";

/**
 * What each zone of a service bears, and where its clients go.
 * @param {readonly any[]} rows as `zones` in the service's JSON
 */
export function zones(rows) {
	const hasPriorities = rows.some(({ priority }) => priority > 0);
	// Those of other replicas, as far as they say.
	const hasOthers = rows.some(({ clients, allClients }) => allClients !== clients);
	const cells = rows.map((each) => {
		const counts = each.demand > 0;
		return [
			nameOf(each),
			...(hasPriorities ? [each.priority] : []),
			hasOthers ? `${each.clients} of ${each.allClients}` : each.clients,
			percent(each.capacity),
			percent(each.demand),
			...[each.keeps, each.spills].map((part) => (counts ? percent(part) : "")),
			counts ? each.to.map((/** @type {any} */ to) => `${nameOf(to)} ${percent(to.share)}`).join(", ") : "",
		];
	});
	const priority = hasPriorities ? ["Priority"] : [];
	return [
		table(
			"Zones",
			["Zone", ...priority, "Clients", "Capacity", "Demand", "Keeps", "Spills", "Its clients go to"],
			cells,
		),
		!rows.some(({ demand }) => demand > 0) &&
			el("p", {}, "No client with a zone counts yet: all get all endpoints alike."),
	];
}

/** @param {{region: string, zone: string}} zone */
function nameOf({ region, zone }) {
	return localityText({ region, zone, subZone: "" }).replace(/^\//, "");
}
