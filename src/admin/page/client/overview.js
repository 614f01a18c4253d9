// @ts-check
import { ApiError, get } from "./api.js";
import { el } from "./dom.js";
import { counted, hashOf, span } from "./format.js";
import { ago, badge, facts, list, nodeLink, section, serviceLink, table } from "./parts.js";

export const overview = {
	title: () => "Overview",
	controls: () => [],
	/** @param {unknown} _ @param {AbortSignal} signal */
	async load(_, signal) {
		const [state, config] = await Promise.all([get("/api/v1/overview", signal), configOf(signal)]);
		return [reload(config), wrong(state), numbers(state), about(state, config)];
	},
	touches: () => true,
};

/** @param {AbortSignal} signal @returns {Promise<any>} null where a program runs without one */
async function configOf(signal) {
	try {
		return await get("/api/v1/config", signal);
	} catch (error) {
		if (error instanceof ApiError && error.status === 404) return null;
		throw error;
	}
}

/** @param {any} config */
function reload(config) {
	const last = config?.lastReload;
	if (!last || last.success) return el("div");
	const places = last.problems.map((/** @type {any} */ each) => {
		const place = [each.file, each.line, each.column].filter((part) => part !== null).join(":");
		return [el("code", {}, place), ` ${each.path} `, each.message].filter((part) => part !== "");
	});
	return el(
		"section",
		{ class: "alarm" },
		el("h2", {}, "The last reload failed: the config before it is in use"),
		el("p", {}, ago(last.at)),
		places.length > 0
			? el("ul", {}, ...places.map((/** @type {any} */ parts) => el("li", {}, ...parts)))
			: el("pre", {}, last.error),
	);
}

/** @param {any} state */
function wrong({ wrong: items, wrongCount }) {
	if (wrongCount === 0)
		return section("What is wrong", el("p", {}, badge("ready"), " Nothing that Fingerpost knows of."));
	const rows = items.map((/** @type {any} */ each) => [
		each.service !== null ? serviceLink(each.service) : each.node !== null ? nodeLink(each.node) : "Fingerpost",
		badge(each.level),
		each.kind,
		each.message,
		ago(each.since),
	]);
	const more = wrongCount - items.length;
	return section(
		"What is wrong",
		table("What is wrong, the worst first", ["Of", "How bad", "What", "In words", "Since"], rows),
		more > 0 &&
			el(
				"p",
				{},
				`${counted(more, "more")} not shown: `,
				el("a", { href: hashOf("services", "", { only: "problems" }) }, "services with problems"),
			),
	);
}

/** @param {any} state */
function numbers({ services, endpoints, targets, registries, clients }) {
	const of = (/** @type {Record<string, number>} */ counts, /** @type {string[]} */ keys) =>
		keys
			.filter((key) => counts[key])
			.map((key) => `${counts[key]?.toLocaleString("en")} ${key}`)
			.join(", ") || "none";
	return section(
		"In numbers",
		facts([
			[
				"Services",
				[
					el("a", { href: "#/services" }, counted(services.total, "service")),
					`: ${of(services, ["synced", "stale", "unknown", "removing"])}`,
				],
			],
			["With problems", [el("a", { href: hashOf("services", "", { only: "problems" }) }, String(services.problems))]],
			["Endpoints", `${of(endpoints, ["total", "ready", "held"])}`],
			["Targets", of(targets, ["synced", "connecting", "stale", "failed"])],
			["Registries", of(registries, ["synced", "connecting", "stale", "failed"])],
			[
				"Clients",
				[el("a", { href: "#/clients" }, counted(clients.total, "client")), `: ${of(clients, ["envoy", "grpc"])}`],
			],
			["Clients by state", of(clients, ["synced", "pending", "rejected", "missing", "asksNothing"])],
		]),
	);
}

/** @param {any} state @param {any} config */
function about({ version, host, pid, startedAt, uptimeSeconds, ready }, config) {
	const last = config?.lastReload;
	/** @type {[string, any][]} */
	const pairs = [
		["Version", version],
		["Replica", `${host}, process ${pid}`],
		["Started", [el("time", { datetime: startedAt }, startedAt), `, up for ${span(uptimeSeconds)}`]],
		["Ready", badge(ready ? "ready" : "not yet")],
	];
	if (config) {
		pairs.push(["Config", config.file ?? "given by a program"], ["In use since", ago(config.loadedAt)]);
		pairs.push(["Last reload", last ? [badge(last.success ? "ready" : "failed"), " ", ago(last.at)] : "none yet"]);
	}
	const certificates = (config?.certificates ?? []).map(
		(/** @type {any} */ each) =>
			`${each.listener}: ${each.subject}, until ${each.notAfter}${each.note ? `: ${each.note}` : ""}`,
	);
	return section(
		"This replica",
		facts(pairs),
		certificates.length > 0 && [el("h3", {}, "Certificates"), list(certificates)],
	);
}
