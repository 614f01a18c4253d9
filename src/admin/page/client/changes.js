// @ts-check
import { get } from "./api.js";
import { el } from "./dom.js";
import { took } from "./format.js";
import { ago, badge, serviceLink } from "./parts.js";

export const changes = {
	title: () => "Changes",
	controls: () => [],
	/** @param {unknown} _ @param {AbortSignal} signal */
	async load(_, signal) {
		const { changes: found } = await get("/api/v1/changes?limit=50", signal);
		return [found.length > 0 ? changeList(found) : el("p", {}, "Nothing has changed since the start.")];
	},
	/** @param {{kind: string}} event */
	touches: ({ kind }) => kind !== "nack",
};

/** The newest first. @param {readonly any[]} all */
export function changeList(all) {
	return el(
		"ol",
		{ class: "timeline" },
		...all.map((each) =>
			el(
				"li",
				{},
				el(
					"p",
					{},
					el("time", { datetime: each.at }, each.at.replace("T", " ").slice(0, 23)),
					" ",
					each.service !== undefined && serviceLink(each.service),
					" ",
					acked(each),
				),
				el(
					"ul",
					{ class: "plain" },
					...lines("added", each.added),
					...lines("removed", each.removed),
					...lines("changed", each.changed),
				),
				each.target !== null &&
					el(
						"p",
						{ class: "from" },
						"from ",
						el("code", {}, each.target),
						each.sourceAt !== null && ", where it happened ",
						ago(each.sourceAt),
					),
			),
		),
	);
}

/** @param {{at: string, ackedByAllAt: string | null}} change */
function acked({ at, ackedByAllAt }) {
	if (ackedByAllAt === null) return badge("not with all clients yet");
	return el("span", { class: "badge good" }, `with all clients after ${took(at, ackedByAllAt)}`);
}

/** @param {string} what @param {readonly string[]} items */
function lines(what, items) {
	const shown = items
		.slice(0, SHOWN)
		.map((text) => el("li", { class: what }, `${what} `, el("code", {}, text.replace(" -> ", " → "))));
	if (items.length > SHOWN) shown.push(el("li", {}, `and ${items.length - SHOWN} more ${what}`));
	return shown;
}

const SHOWN = 20;
