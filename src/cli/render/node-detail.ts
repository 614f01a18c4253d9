import type { ClientDetailJson, NodeJson, ResourceJson } from "../../admin/admin-json.js";
import { ageOf } from "../output/age.js";
import type { TableStyle } from "../output/show.js";
import { stateCell } from "../output/state-colour.js";
import { type Cell, printable, renderTable } from "../output/table.js";
import { missingText, stateOf } from "./status-table.js";
import { zoneText } from "./zones-table.js";

export interface ShownNode extends NodeJson {
	/** What there is, for who asks for what there is not. */
	readonly serviceNames?: readonly string[];
}

/** All streams of a node: what each asks for, name by name, and what it has of that. */
export function renderNode({ clients, serviceNames = [] }: ShownNode, style: TableStyle): string {
	return clients.map((client) => renderClient(client, serviceNames, style)).join("\n");
}

function renderClient(client: ClientDetailJson, serviceNames: readonly string[], style: TableStyle): string {
	const types = Object.entries(client.types).sort(([a], [b]) => (a < b ? -1 : 1));
	const rows = types.flatMap(([type, { resources }]) => resources.map((each) => rowOf(type, each)));
	const nothing = types
		.filter(([, { resources }]) => resources.length === 0)
		.map(([type, each]) => ({ type, ...each }));
	if (style.headers === false) return renderTable(HEADERS, rows, style);
	const { node, identity, stream, family, userAgent, address, connectedAt } = client;
	const head = [
		`${node || "-"} (stream ${stream}): ${family}, ${userAgent || "-"}, ${identity ? `proved to be ${identity}, ` : ""}${placeText(client)}from ${address}, for ${ageOf(connectedAt, style.now)}`,
		...types.map(([type, each]) => {
			const asked = each.wildcard ? "all" : each.names.length;
			return `  ${type}: ${each.mode}, asks for ${asked}, ${stateOf(each)}${sentText(each, style.now)}`;
		}),
	];
	const nacks = types.flatMap(([type, { nacked }]) =>
		nacked ? [`rejects ${type}: ${nacked.resources.join(", ")}`, ...nacked.error.trimEnd().split(/\r?\n/)] : [],
	);
	const missing = new Set(types.flatMap(([, { missing: names }]) => names));
	const notes = [
		...nothing.map(({ type }) => `has nothing of ${type}`),
		...nacks,
		...[...missing].slice(0, 20).map((name) => missingText(node, name, serviceNames)),
	];
	const table = rows.length > 0 ? `\n${renderTable(HEADERS, rows, style)}` : "";
	const below = notes.length > 0 ? `\n${notes.map((line) => `${printable(line)}\n`).join("")}` : "";
	return `${head.map((line) => `${printable(line)}\n`).join("")}${table}${below}`;
}

/** `in zone eu/eu-1a, group 17, `; empty for a client of no zone and no group. */
function placeText({ zone, group }: Partial<Pick<ClientDetailJson, "zone" | "group">>): string {
	const where = zone?.zone === "" ? "region" : "zone";
	return `${zone ? `in ${where} ${zoneText(zone)}, ` : ""}${group == null ? "" : `group ${group}, `}`;
}

const HEADERS = ["TYPE", "NAME", "STATE", "VERSION"];

function rowOf(type: string, { name, state, version }: ResourceJson): Cell[] {
	return [type, name, stateCell(state), version ?? ""];
}

function sentText({ sent, acked }: ClientDetailJson["types"][string], now: Date): string {
	const parts = [
		...(sent ? [`sent ${sent.version} ${ageOf(sent.at, now)} ago`] : []),
		...(acked ? [`ACKed ${acked.version} ${ageOf(acked.at, now)} ago`] : []),
	];
	return parts.length > 0 ? `; ${parts.join(", ")}` : "";
}
