// @ts-check
import { el } from "./dom.js";
import { age, hashOf } from "./format.js";

/** @typedef {import("./dom.js").Child} Child */

/**
 * A table that scrolls sideways by itself, and by the keyboard, where there is no room.
 * @param {string} caption for those who hear the page; @param {readonly string[]} heads
 * @param {readonly (readonly (Child | Child[])[])[]} rows the first cell of each is its header
 */
export function table(caption, heads, rows) {
	return el(
		"div",
		{ class: "scroll", role: "region", "aria-label": caption, tabindex: 0 },
		el(
			"table",
			{},
			el("caption", { class: "unseen" }, caption),
			el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
			el(
				"tbody",
				{},
				...rows.map((cells) =>
					el(
						"tr",
						{},
						...cells.map((cell, i) => el(i === 0 ? "th" : "td", i === 0 ? { scope: "row" } : {}, ...[cell].flat())),
					),
				),
			),
		),
	);
}

/** Names of states by how bad they are: the colour goes with the word, never alone. */
const GOOD = new Set(["synced", "acked", "healthy", "ready"]);
const BAD = new Set(["failed", "rejected", "unhealthy", "error", "unknown", "missing"]);
const QUIET = new Set(["note", "asks nothing", "removing"]);

/** @param {string} word */
export function badge(word, title = "") {
	const kind = GOOD.has(word) ? "good" : BAD.has(word) ? "bad" : QUIET.has(word) ? "quiet" : "warn";
	return el("span", { class: `badge ${kind}`, title: title || null }, word);
}

/** @param {number} part @param {number} whole @param {string} what of what, for those who hear the page */
export function bar(part, whole, what) {
	const text = `${part}/${whole}`;
	return el(
		"span",
		{ class: "bar" },
		el("progress", { max: Math.max(1, whole), value: part, "aria-label": `${what}: ${text}` }),
		el("span", {}, text),
	);
}

/** @param {string | null | undefined} time ISO 8601 */
export function ago(time) {
	return time ? el("time", { datetime: time, title: time }, `${age(time)} ago`) : "";
}

/** @param {string} name */
export function serviceLink(name) {
	return el("a", { href: hashOf("services", name) }, name);
}

/** @param {string} node */
export function nodeLink(node) {
	return node === "" ? "(no node id)" : el("a", { href: hashOf("clients", node) }, node);
}

/** @param {string} title @param {...(Child | Child[])} children */
export function section(title, ...children) {
	return el("section", {}, el("h2", {}, title), ...children);
}

/** @param {readonly (readonly [string, Child | Child[]])[]} pairs */
export function facts(pairs) {
	return el(
		"dl",
		{},
		...pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, ...[value].flat()))),
	);
}

/** @param {readonly Child[]} items */
export function list(items) {
	return el("ul", {}, ...items.map((item) => el("li", {}, item)));
}

/**
 * Whether there is a page after and before this one.
 * @param {string} view @param {URLSearchParams} query @param {string | undefined} last where this page ends; undefined for the last one
 */
export function pager(view, query, last) {
	const to = (/** @type {string} */ after) => hashOf(view, "", { ...Object.fromEntries(query), after });
	return el(
		"nav",
		{ "aria-label": "Pages", class: "pager" },
		query.get("after") && el("a", { href: to("") }, "First page"),
		last !== undefined && el("a", { href: to(last) }, "Next page"),
	);
}

/** What is looked for, as it stands in the address. @param {URLSearchParams} query */
export function searchField(query) {
	return el("input", {
		type: "search",
		id: "search",
		value: query.get("search") ?? "",
		autocomplete: "off",
		spellcheck: "false",
	});
}
