import type { RegistriesJson, ServiceJson, ServicesJson, TargetJson } from "../../admin/admin-json.js";
import { ageOf } from "../output/age.js";
import type { TableStyle } from "../output/show.js";
import { stateCell } from "../output/state-colour.js";
import { type Cell, printable, renderTable } from "../output/table.js";
import { problemText } from "./problem-text.js";
import { renderRegistries } from "./registries-table.js";

/** More reasons than these are only counted. */
const MAX_REASONS = 20;

/** The services, and the registries that some come from. */
export type ServicesShown = ServicesJson & Partial<RegistriesJson>;

/** A line a service; below the table how many are in which state, and why some are not as they should be. */
export function renderServices({ services: all, registries = [] }: ServicesShown, style: TableStyle): string {
	const parts = [renderAll(all, style), renderRegistries(registries, style)];
	return parts.filter((part) => part !== "").join("\n");
}

function renderAll(all: ServicesJson["services"], style: TableStyle): string {
	if (all.length === 0) return "";
	const { wide, headers } = style;
	const heads = [
		"NAME",
		"STATE",
		"ENDPOINTS",
		"TARGETS",
		{ text: "VERSION", optional: true } as const,
		"PROBLEMS",
		{ text: "NOTES", optional: true } as const,
	];
	if (wide) heads.push("LAST-ERROR");
	const rows = all.map((service): Cell[] => {
		const { name, state, targets, version, problems = [], notes, pin = null } = service;
		return [
			name,
			pin ? { text: `${state} (pinned)`, colour: "yellow" } : stateCell(state),
			endpointsCell(service),
			targetsText(targets, wide),
			version,
			problems.length > 0 ? { text: String(problems.length), colour: "red" } : 0,
			wide ? notes.join("; ") : notes.length,
			...(wide ? [lastErrorText(targets, style.now)] : []),
		];
	});
	const table = renderTable(heads, rows, style);
	if (headers === false) return table;
	return `${table}\n${countsText(all)}\n${reasonsText(all, style.now)}`;
}

/** Those that may get traffic, of all; nobody gets an answer where there is none. */
function endpointsCell({ endpoints: { ready, total, held = 0 } }: ServiceJson): Cell {
	const text = `${ready}/${total}${held > 0 ? ` (${held} held)` : ""}`;
	return ready === 0 ? { text, colour: "red" } : text;
}

/** All of them if there is room, else the first. */
function targetsText(targets: ServiceJson["targets"], wide: boolean): string {
	const texts = targets.map((each) => each.target);
	if (wide || texts.length < 2) return texts.join(", ");
	return `${texts[0]} +${texts.length - 1}`;
}

function lastErrorText(targets: readonly TargetJson[], now: Date): string {
	return targets
		.filter(({ lastError }) => lastError !== null)
		.map(({ lastError, lastErrorAt }) => `${lastError} (${ageOf(lastErrorAt, now)} ago)`)
		.join("; ");
}

/** `3 services: 2 synced, 1 unknown; 1 without a ready endpoint` */
function countsText(all: readonly ServiceJson[]): string {
	const states = Map.groupBy(all, ({ state }) => state);
	const counts = [...states].map(([state, some]) => `${some.length} ${state}`).sort(byState);
	const empty = all.filter(({ endpoints }) => endpoints.ready === 0).length;
	const more = empty > 0 ? `; ${empty} without a ready endpoint` : "";
	return `${all.length} service${all.length === 1 ? "" : "s"}: ${counts.join(", ")}${more}`;
}

const STATES = ["synced", "stale", "unknown", "removing"];

function byState(a: string, b: string): number {
	const rank = (text: string) => STATES.indexOf(text.replace(/^\d+ /, ""));
	return rank(a) - rank(b);
}

/** `web dns:///web:80 failed 6s: connection refused`, and what clients reject; empty where all is well. */
function reasonsText(all: readonly ServiceJson[], now: Date): string {
	const lines: string[] = [];
	let count = 0;
	for (const service of all) {
		for (const reason of reasonsOf(service, now)) if (count++ < MAX_REASONS) lines.push(reason);
	}
	if (count > MAX_REASONS) lines.push(`and ${count - MAX_REASONS} more: fingerpost services -o wide`);
	return lines.length === 0 ? "" : `\n${lines.map((line) => `${printable(line)}\n`).join("")}`;
}

function reasonsOf(service: ServiceJson, now: Date): string[] {
	const { name, endpoints, state, targets, notes, problems = [], pin = null } = service;
	const pinned = pin
		? [`${name} is pinned to version ${pin.version || "-"} until ${pin.until}: fingerpost release ${name} ends that`]
		: [];
	const failing = targets
		.filter((each) => each.state === "failed" || each.state === "stale")
		.map((each) => {
			const outage = each.outage ? `, endpoints ${each.outage}` : "";
			const why = each.lastError ?? "not heard of since the start";
			return `${name} ${each.target} ${each.state} ${ageOf(each.staleSince, now)}${outage}: ${why}`;
		});
	const held = targets.flatMap(({ target, held }) => {
		if (!held) return [];
		const end = held.until === null ? "" : ` until ${held.until}`;
		return [
			`${name} ${target} ${held.count} of ${held.of} endpoints held${end}: fingerpost approve ${name} lets them go`,
		];
	});
	const waiting = targets
		.filter((each) => each.state === "connecting")
		.map((each) => `${name} ${each.target} has not answered yet`);
	// That it is unknown is told by its targets.
	const known = problems.filter(({ reason }) => reason !== "unknown");
	const rejected = known.map((problem) => `${name} ${problemText(problem, now)[0]}`);
	const empty = endpoints.ready === 0 && state !== "unknown" && failing.length === 0;
	const why = notes.length > 0 ? notes.slice(0, 3).join("; ") : "its targets have none";
	return [
		...pinned,
		...failing,
		...held,
		...waiting,
		...(empty ? [`${name} has no ready endpoint: ${why}`] : []),
		...rejected,
	];
}
