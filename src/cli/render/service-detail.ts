import type { ServiceDetailJson } from "../../admin/admin-json.js";
import { ageOf } from "../output/age.js";
import type { TableStyle } from "../output/show.js";
import { stateCell } from "../output/state-colour.js";
import { type Cell, printable, renderTable } from "../output/table.js";
import { compareLines } from "./compare-text.js";
import { renderEndpoints } from "./endpoints-table.js";
import { problemText } from "./problem-text.js";
import { renderZones } from "./zones-table.js";

type Clients = NonNullable<ServiceDetailJson["clients"]>;

/** Clients that are named unless it is wide. */
const MAX_CLIENTS = 10;

/** All that is known of a service: its targets, its endpoints, who has it, and what is to be known. */
export function renderService(service: ServiceDetailJson, style: TableStyle): string {
	const { name, state, version, endpoints, targets, items, notes, problems = [], clients = null, compare } = service;
	const head = renderHead({
		Name: name,
		State: state,
		Version: version || "-",
		Endpoints: `${endpoints.ready} of ${endpoints.total} ready${endpoints.held ? `, ${endpoints.held} held` : ""}`,
		...(clients && { Clients: `${clients.acked} of ${clients.asking} have it` }),
	});
	const targetRows = targets.map((each): Cell[] => [
		each.target,
		stateCell(each.state),
		ageOf(each.lastSuccess, style.now),
		each.lastError === null ? "" : `${each.lastError} (${ageOf(each.lastErrorAt, style.now)} ago)`,
	]);
	const parts = [head, renderTable(["TARGET", "STATE", "LAST-SUCCESS", "LAST-ERROR"], targetRows, style)];
	if (service.zones?.some((each) => each.clients > 0)) parts.push(renderZones(service.zones, style));
	parts.push(items.length > 0 ? renderEndpoints(items, style) : "No endpoints.\n");
	if (clients && clients.asking > 0) parts.push(renderClients(clients, style));
	if (compare) parts.push(`${compareLines(compare, style.now).map(printable).join("\n")}\n`);
	if (problems.length > 0) {
		const lines = problems.flatMap((problem) => {
			const [first, ...more] = problemText(problem, style.now);
			return [`  ${first}`, ...more.map((line) => `    ${line}`)];
		});
		parts.push(`Problems:\n${lines.map((line) => `${printable(line)}\n`).join("")}`);
	}
	if (notes.length > 0) parts.push(`Notes:\n${notes.map((each) => `  ${printable(each)}\n`).join("")}`);
	return parts.join("\n");
}

/** Those that lack something of it first. */
function renderClients(clients: Clients, { wide }: TableStyle): string {
	const all = [...clients.lacking, ...clients.having];
	const shown = wide ? all : all.slice(0, MAX_CLIENTS);
	const rest = clients.asking - shown.length;
	const lines = shown.map((holder) => `  ${printable(holderText(holder))}\n`);
	if (rest > 0) lines.push(`  and ${rest} more\n`);
	return `Clients:\n${lines.join("")}`;
}

function holderText({ node, stream, types }: Clients["having"][number]): string {
	const states = Object.entries(types).map(([type, state]) => `${type} ${state}`);
	return `${node || "-"} (stream ${stream}): ${states.join(", ")}`;
}

function renderHead(values: Readonly<Record<string, string>>): string {
	return Object.entries(values)
		.map(([key, value]) => `${`${key}:`.padEnd(12)}${printable(value)}\n`)
		.join("");
}
