import type { ClientJson, ClientsJson, TypeJson } from "../../admin/admin-json.js";
import { wrongWithReplicas } from "../../admin/wrong.js";
import { compareText } from "../../model/endpoint.js";
import { didYouMean } from "../../util/text/suggest.js";
import { ageOf } from "../output/age.js";
import type { TableStyle } from "../output/show.js";
import { stateCell } from "../output/state-colour.js";
import { type Cell, printable, renderTable } from "../output/table.js";
import { zoneText } from "./zones-table.js";

/** More names that do not exist are only counted. */
const MAX_MISSING = 20;

export interface ShownClients extends ClientsJson {
	/** What there is, for who asks for what there is not. */
	readonly serviceNames?: readonly string[];
}

/** A line a client and type; below them how many are well, what was rejected and what does not exist. */
export function renderStatus(
	{ clients, pinned = [], replicas, serviceNames = [] }: ShownClients,
	style: TableStyle,
): string {
	if (clients.length === 0) return "";
	const optional = (text: string) => ({ text, optional: true }) as const;
	const headers = [
		"NODE",
		optional("FAMILY"),
		"TYPE",
		optional("MODE"),
		"NAMES",
		optional("SENT"),
		"ACKED",
		"STATE",
		"AGE",
	];
	if (style.wide) headers.push("STREAM", "ADDRESS", "USER-AGENT", "IDENTITY", "ACCESS", "ZONE");
	const byNode = [...clients].sort((a, b) => compareText(a.node, b.node) || a.stream - b.stream);
	const rows = byNode.flatMap((client) => clientRows(client, style));
	const table = renderTable(headers, rows, style);
	if (style.headers === false) return table;
	const counts = `\n${countsText(byNode)}\n`;
	return (
		table +
		counts +
		pinnedText(pinned) +
		replicasText(replicas) +
		renderNacks(byNode, style.now) +
		renderMissing(byNode, serviceNames)
	);
}

function pinnedText(names: readonly string[]): string {
	if (names.length === 0) return "";
	return printable(`pinned to what they were: ${names.join(", ")}`).concat("\n");
}

/** What is wrong with other replicas. */
function replicasText(replicas: ClientsJson["replicas"]): string {
	return [...(replicas ? wrongWithReplicas(replicas) : [])]
		.map(({ kind, message }) => printable(`${kind}: ${message}`).concat("\n"))
		.join("");
}

function clientRows(client: ClientJson, { wide, now }: TableStyle): Cell[][] {
	const { node, identity, family, connectedAt, stream, address, userAgent } = client;
	const ways = [
		stream,
		address,
		userAgent,
		identity ?? "",
		accessText(client),
		client.zone ? zoneText(client.zone) : "",
	];
	const more: Cell[] = [ageOf(connectedAt, now), ...(wide ? ways : [])];
	const types = sortedTypes(client);
	if (types.length === 0) return [[node, family, "", "", "", "", "", "", ...more]];
	return types.map(([type, status]) => [
		node,
		family,
		type,
		status.mode,
		namesText(status),
		status.sent?.version ?? "",
		status.acked?.version ?? "",
		stateCell(stateOf(status)),
		...more,
	]);
}

/** Which rule of `xds.access` decides for it: `[0] spiffe://prod/*`. */
function accessText({ access }: Pick<ClientJson, "access">): string {
	if (!access) return "";
	return access.rule === null ? "no rule" : `[${access.rule}] ${access.identity}`;
}

/** As the table has it; the API's filter says `nacked` and `asks-nothing`. */
export function stateOf({ nacked, asksNothing, missing = [], synced }: TypeJson): string {
	if (nacked) return "NACK";
	if (asksNothing) return "asks nothing";
	if (missing.length > 0) return "missing";
	return synced ? "synced" : "pending";
}

function namesText({ wildcard, names }: Pick<TypeJson, "wildcard" | "names">): string {
	if (!wildcard) return String(names.length);
	return names.length === 0 ? "*" : `*+${names.length}`;
}

/** `2 clients: 7 types synced, 1 NACK` */
function countsText(clients: readonly ClientJson[]): string {
	const states = clients.flatMap((client) => sortedTypes(client).map(([, type]) => stateOf(type)));
	const counts = [...Map.groupBy(states, (state) => state)]
		.map(([state, some]) => [state, some.length] as const)
		.sort(([a], [b]) => (a === "synced" ? -1 : b === "synced" ? 1 : compareText(a, b)))
		.map(([state, count], i) => `${count}${i === 0 ? ` type${count === 1 ? "" : "s"}` : ""} ${state}`);
	const all = `${clients.length} client${clients.length === 1 ? "" : "s"}`;
	return counts.length === 0 ? all : `${all}: ${counts.join(", ")}`;
}

function renderNacks(clients: readonly ClientJson[], now: Date): string {
	const lines: string[] = [];
	for (const client of clients) {
		for (const [type, { nacked }] of sortedTypes(client)) {
			if (!nacked) continue;
			const what = nacked.resources.length > 0 ? `: ${nacked.resources.join(", ")}` : "";
			const who = `${client.node || "-"} (stream ${client.stream}) ${type} ${nacked.version || "-"}`;
			lines.push(printable(`${who}, ${ageOf(nacked.at, now)} ago${what}`));
			for (const line of nacked.error.trimEnd().split(/\r?\n/)) lines.push(`  ${printable(line)}`);
		}
	}
	return lines.length === 0 ? "" : `\nNACKs:\n${lines.join("\n")}\n`;
}

/** `vm asks for "greter", which does not exist; did you mean "greeter"?`, each node and name once. */
function renderMissing(clients: readonly ClientJson[], serviceNames: readonly string[]): string {
	const lines = new Set<string>();
	let count = 0;
	for (const client of clients) {
		const names = new Set(sortedTypes(client).flatMap(([, { missing = [] }]) => missing));
		for (const name of names) {
			if (count++ >= MAX_MISSING) continue;
			lines.add(missingText(client.node, name, serviceNames));
		}
	}
	if (lines.size === 0) return "";
	const more =
		count > MAX_MISSING ? `and ${count - MAX_MISSING} more: fingerpost status --state missing -o json\n` : "";
	return `\nMissing:\n${[...lines].map((line) => `${line}\n`).join("")}${more}`;
}

export function missingText(node: string, name: string, serviceNames: readonly string[]): string {
	return printable(`${node || "-"} asks for "${name}", which does not exist${didYouMean(name, serviceNames)}`);
}

export function sortedTypes(client: ClientJson): [string, TypeJson][] {
	return Object.entries(client.types).sort(([a], [b]) => (a < b ? -1 : 1));
}
