// @ts-check
import { hasToken, setToken, Unauthorized } from "./api.js";
import { changes } from "./changes.js";
import { client } from "./client.js";
import { clients } from "./clients.js";
import { el, show } from "./dom.js";
import { readHash } from "./format.js";
import { listen } from "./live.js";
import { overview } from "./overview.js";
import { service } from "./service.js";
import { services } from "./services.js";

/** Between two looks at the server, at least; and ten times as long as the last one took, but no longer than without news. */
const MIN_MS = 1_000;
/** Without news: clients come and go without any. */
const POLL_MS = 5_000;
/** For so long after news it looks as often as it may. */
const NEWS_MS = 4_000;

/** @typedef {{view: string, name: string, query: URLSearchParams}} Route */
/**
 * @typedef {object} View
 * @property {(route: Route) => string} title
 * @property {(route: Route, go: (hash: string) => void) => Node[]} controls what stays while the rest is loaded again
 * @property {(route: Route, signal: AbortSignal) => Promise<Node[]>} load
 * @property {(event: {kind: string, data: any}, route: Route) => boolean} touches
 */

const place = /** @type {HTMLElement} */ (document.getElementById("view"));
const api = /** @type {HTMLElement} */ (document.getElementById("api"));
const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const status = /** @type {HTMLElement} */ (document.getElementById("status"));
const content = el("div", { id: "content" });

let route = readHash(location.hash);
/** @type {View | undefined} */
let view;
let stop = new AbortController();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let [loading, listening, again] = [false, false, false];
let [notBefore, newsAt] = [0, Number.NEGATIVE_INFINITY];

/** @param {Route} of @returns {View | undefined} */
function viewOf({ view: name, name: item }) {
	if (name === "services") return item ? service : services;
	if (name === "clients") return item ? client : clients;
	if (name === "changes") return changes;
	return name === "api" ? undefined : overview;
}

/** Shows what the address says. @param {boolean} isFirst */
function open(isFirst) {
	// A link to a part of this page, such as that to the content, is no view.
	if (location.hash !== "" && !location.hash.startsWith("#/")) return;
	const [before, shown] = [route, view];
	route = readHash(location.hash);
	view = viewOf(route);
	const title = view?.title(route) ?? "API";
	document.title = `${title} - Fingerpost`;
	api.hidden = view !== undefined;
	for (const link of document.querySelectorAll("#nav a")) {
		const isHere = readHash(link.getAttribute("href") ?? "").view === route.view;
		if (isHere) link.setAttribute("aria-current", "page");
		else link.removeAttribute("aria-current");
	}
	if (isFirst || view !== shown || route.name !== before.name) {
		content.replaceChildren();
		place.replaceChildren(...(view ? [el("h1", {}, title), ...view.controls(route, go), content] : []));
		if (!isFirst) main.focus();
	}
	notBefore = 0;
	void load();
}

/** To another place of the same view, while somebody types: without a step back for each letter. @param {string} hash */
function go(hash) {
	history.replaceState(null, "", hash);
	open(false);
}

async function load() {
	clearTimeout(timer);
	stop.abort();
	if (!view) return;
	stop = new AbortController();
	const { signal } = stop;
	const began = performance.now();
	loading = true;
	again = false;
	try {
		const nodes = await view.load(route, signal);
		if (signal.aborted) return;
		show(content, nodes);
		content.setAttribute("data-loaded", "");
		if (!listening) {
			listening = true;
			listen({ told, line });
		}
	} catch (error) {
		if (signal.aborted) return;
		if (error instanceof Unauthorized) return askToken(error.message);
		const text = error instanceof Error ? error.message : String(error);
		show(content, [el("p", { class: "alarm", role: "alert" }, text)]);
	}
	loading = false;
	const took = performance.now() - began;
	notBefore = performance.now() + Math.min(POLL_MS, Math.max(MIN_MS, 10 * took));
	// Clients have what is new a moment after it is told.
	const isNew = performance.now() - newsAt < NEWS_MS;
	plan(again ? 0 : isNew ? MIN_MS : POLL_MS);
}

/** @param {number} ms from now, or later where the server was asked just now */
function plan(ms) {
	clearTimeout(timer);
	// Who does not look at it costs nothing.
	if (document.hidden) return;
	timer = setTimeout(load, Math.max(ms, notBefore - performance.now()));
}

/** @param {{kind: string, data: any}} event */
function told(event) {
	if (event.kind === "change") say(`${event.data.service}: ${event.data.what}`);
	if (!view?.touches(event, route)) return;
	again = true;
	newsAt = performance.now();
	if (!loading) plan(0);
}

/** @param {import("./live.js").Line} state */
function line(state) {
	status.dataset.line = state;
	if (state === "unauthorized") return askToken("That token does not count any more.");
	say(state === "live" ? "Live" : `Not live: looks again every ${POLL_MS / 1_000} s`);
}

let said = "";
/** For those who hear the page, too. @param {string} text */
function say(text) {
	if (text !== said) status.textContent = text;
	said = text;
}

/** @param {string} why */
function askToken(why) {
	clearTimeout(timer);
	stop.abort();
	const input = el("input", { type: "password", id: "token", autocomplete: "off", required: true });
	const form = el(
		"form",
		{ class: "token" },
		el("h1", {}, "Token"),
		el(
			"p",
			{ role: "alert" },
			hasToken() ? why : "This admin server asks for a token: that of a viewer is enough. It stays in this tab.",
		),
		el("label", { for: "token" }, "Token "),
		input,
		" ",
		el("button", { type: "submit" }, "Use it"),
	);
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		setToken(/** @type {HTMLInputElement} */ (input).value.trim());
		location.reload();
	});
	view = undefined;
	place.replaceChildren(form);
	input.focus();
}

addEventListener("hashchange", () => open(false));
document.addEventListener("visibilitychange", () => {
	if (!document.hidden && view) plan(0);
});
place.addEventListener("submit", (event) => event.preventDefault());
open(true);
