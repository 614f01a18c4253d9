// @ts-check
import { get } from "./api.js";
import { el } from "./dom.js";
import { counted, hashOf } from "./format.js";
import { badge, section, table } from "./parts.js";

/** Of a resource in JSON so much is shown: characters. */
const MAX_TEXT = 200_000;

/**
 * What each family is sent of a service: nothing is asked for until somebody wants to see it.
 * @param {string} service @param {URLSearchParams} query `sent` is what is shown: `all`, or a view and a type, `envoy eds`
 * @param {AbortSignal} signal
 */
export async function sent(service, query, signal) {
	const wanted = query.get("sent");
	const to = (/** @type {string} */ what) => hashOf("services", service, { sent: what });
	const title = "What each family is sent";
	if (wanted === null) return section(title, el("p", {}, el("a", { href: to("all"), id: "sent" }, "Show it")));
	const path = `/api/v1/services/${encodeURIComponent(service)}/resources`;
	const [view = "", type = ""] = wanted === "all" ? [] : wanted.split(" ");
	const one = `${path}?${new URLSearchParams({ view, type })}`;
	const [{ resources }, shown] = await Promise.all([
		get(`${path}?body=0`, signal),
		type === "" ? undefined : get(one, signal),
	]);
	const rows = resources.map((/** @type {any} */ each) => [
		el("a", { href: to(`${each.view} ${each.type}`) }, `${each.type.toUpperCase()} for ${each.view}`),
		el("code", {}, each.version ?? "none"),
		each.bytes === null ? "" : counted(each.bytes, "byte"),
		each.inUse ? "yes" : "by nobody now",
		each.problem && [badge(each.problem.reason), ` ${each.problem.message}`],
	]);
	return section(
		title,
		table("Resources", ["Resource", "Version", "Size", "Used", "Why not"], rows),
		shown && json(shown.resources[0], one),
		el("p", {}, el("a", { href: hashOf("services", service) }, "Hide it")),
	);
}

/** @param {any} of @param {string} path */
function json({ type, view, bytes, resource }, path) {
	const text = resource === null ? "" : JSON.stringify(resource, null, 2);
	const label = `${type.toUpperCase()} for ${view}`;
	const all = el("a", { href: path }, "as JSON");
	if (text === "")
		return el("p", {}, bytes === null ? `${label}: nothing is sent.` : `${label}: too large to be shown in JSON.`);
	return [
		el("h3", {}, label),
		el("pre", { class: "json", tabindex: 0, role: "region", "aria-label": label }, text.slice(0, MAX_TEXT)),
		text.length > MAX_TEXT && el("p", {}, "The rest of it: ", all),
	];
}
