import type { ClientJson, ClientsJson, TypeJson } from "../../admin/admin-json.js";
import { compareText } from "../../model/endpoint.js";
import type { HostPort } from "../../model/host-port.js";
import { AdminClient, withQuery } from "../admin-client.js";
import type { CliIo } from "../cli-io.js";
import { ageOf } from "../output/age.js";
import { type ShowOptions, show, type TableStyle } from "../output/show.js";
import { stateCell } from "../output/state-colour.js";
import { type Cell, printable, renderTable } from "../output/table.js";

export interface StatusOptions extends ShowOptions {
	readonly admin: HostPort;
	readonly node?: string;
	readonly service?: string;
	readonly state?: string;
	readonly type?: string;
}

/** Shows each connected client: what it wants, what it was sent, what it has made of it. */
export function status(options: StatusOptions, io: CliIo): Promise<number> {
	const client = new AdminClient(options.admin);
	const { node, service, state, type } = options;
	const filters = { node, service, state, type };
	const read = () => client.getExisting<ClientsJson>(withQuery("/api/v1/clients", filters));
	const isFiltered = Object.values(filters).some((each) => each !== undefined);
	const nothing = isFiltered ? "No connected client is like that." : "No client is connected.";
	return show(options, read, { table: renderStatus, nothing }, io);
}

/** A line a client and type; below them what was rejected, with the client's own words. */
export function renderStatus({ clients }: ClientsJson, style: TableStyle): string {
	if (clients.length === 0) return "";
	const headers = ["NODE", "FAMILY", "TYPE", "MODE", "NAMES", "SENT", "ACKED", "STATE", "AGE"];
	if (style.wide) headers.push("STREAM", "ADDRESS", "USER-AGENT");
	const byNode = [...clients].sort((a, b) => compareText(a.node, b.node) || a.stream - b.stream);
	const rows = byNode.flatMap((client) => clientRows(client, style));
	return renderTable(headers, rows, style.colours) + renderNacks(byNode, style.now);
}

function clientRows(client: ClientJson, { wide, now }: TableStyle): Cell[][] {
	const { node, family, connectedAt, stream, address, userAgent } = client;
	const more: Cell[] = [ageOf(connectedAt, now), ...(wide ? [stream, address, userAgent] : [])];
	const types = sortedTypes(client);
	if (types.length === 0) return [[node, family, "", "", "", "", "", "", ...more]];
	return types.map(([type, { mode, sent, acked, ...status }]) => [
		node,
		family,
		type,
		mode,
		namesText(status),
		sent?.version ?? "",
		acked?.version ?? "",
		stateCell(stateOf(status)),
		...more,
	]);
}

function stateOf({ nacked, asksNothing, synced }: Pick<TypeJson, "nacked" | "asksNothing" | "synced">): string {
	if (nacked) return "NACK";
	if (asksNothing) return "asks nothing";
	return synced ? "synced" : "pending";
}

function namesText({ wildcard, names }: Pick<TypeJson, "wildcard" | "names">): string {
	if (!wildcard) return String(names.length);
	return names.length === 0 ? "*" : `*+${names.length}`;
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

function sortedTypes(client: ClientJson): [string, TypeJson][] {
	return Object.entries(client.types).sort(([a], [b]) => (a < b ? -1 : 1));
}
