import type { ExplainedJson, ExplainJson } from "../../admin/explain/explain-json.js";
import type { ExplainedAtJson } from "../../admin/explain/explained-at.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { ageOf } from "../output/age.js";
import { type ShowOptions, show, type TableStyle } from "../output/show.js";
import { printable } from "../output/table.js";
import { askService } from "./ask-service.js";

export interface ExplainOptions extends AdminOptions, Pick<ShowOptions, "output"> {
	readonly at?: string;
	readonly client?: string;
}

/** Lines that are shown of each list unless an address is given. */
const MAX_SHOWN = 50;

/**
 * Shows the whole way of a service's endpoints: from the source to the clients; or what an address was at a time.
 * @throws ServiceNotFound, FingerpostError USAGE, ADMIN_UNREACHABLE
 */
export async function explain(
	service: string,
	address: string | undefined,
	options: ExplainOptions,
	io: CliIo,
): Promise<number> {
	const client = new AdminClient(options);
	const { at, client: node } = options;
	const query = { address, at, client: node };
	if (at !== undefined || node !== undefined) {
		const read = () => askService<ExplainedAtJson>(client, { service, what: "explain", query });
		return show(options, read, { table: atText, nothing: "" }, io);
	}
	const read = () => askService<ExplainJson>(client, { service, what: "explain", query });
	const all = address !== undefined || options.output === "wide";
	return show(options, read, { table: (found, style) => wayText(found, style, all), nothing: "" }, io);
}

function wayText(found: ExplainJson, { now }: TableStyle, all: boolean): string {
	const { service, state, pin, versions, lastChange, clients, endpoints, dropped } = found;
	const lines = [`${service}: ${state}, ${endpoints.length} endpoint${endpoints.length === 1 ? "" : "s"} shown`];
	if (pin) lines.push(`  pinned to version ${pin.version} until ${pin.until}: fingerpost release ${service} ends it`);
	if (lastChange) {
		const { at, sourceAt, target, ackedByAllAt } = lastChange;
		const source =
			sourceAt === null ? "" : `, ${seconds(sourceAt, at)} after ${target || "its source"} says it happened`;
		const acked =
			ackedByAllAt === null ? "not yet with all clients" : `with all clients ${seconds(at, ackedByAllAt)} later`;
		lines.push(`  last change ${ageOf(at, now)} ago${source}; ${acked}`);
	}
	const byType = Map.groupBy(
		versions.filter(({ version }) => version !== ""),
		({ type }) => type,
	);
	for (const [type, some] of byType) {
		lines.push(`  ${type}: ${some.map(({ family, version }) => `${family} ${version}`).join(", ")}`);
	}
	if (clients) lines.push(`  clients: ${clients.acked} of ${clients.asking} have ACKed all of it`);
	const shown = all ? endpoints : endpoints.slice(0, MAX_SHOWN);
	for (const each of shown) lines.push(...endpointLines(each, now));
	if (endpoints.length > shown.length) lines.push(`and ${endpoints.length - shown.length} more endpoints: -o wide`);
	if (dropped.length > 0) lines.push("left out:");
	const left = all ? dropped : dropped.slice(0, MAX_SHOWN);
	for (const { address, target, object, reason } of left) {
		const what = [address, object && (address ? `(${object})` : object)].filter(Boolean).join(" ");
		lines.push(`  ${what || "-"}${target === null ? "" : ` of ${target}`}: ${reason}`);
	}
	if (dropped.length > left.length) lines.push(`and ${dropped.length - left.length} more: -o wide`);
	return text(lines);
}

function endpointLines(each: ExplainedJson, now: Date): string[] {
	const { address, port, health, target, object, revision, at, rule, acked, waiting, waitingCount } = each;
	const host = address.includes(":") ? `[${address}]` : address;
	const from = [object, revision].filter((part) => part !== null && part !== "").join(" @ ");
	const came = at === null ? "" : `, ${ageOf(at, now)} ago (${at})`;
	const lines = [`${host}:${port} ${health}`, `  from ${target ?? "-"}${from === "" ? "" : `: ${from}`}${came}`];
	if (rule !== null) lines.push(`  rule: ${rule}`);
	lines.push(`  acked by ${acked} client${acked === 1 ? "" : "s"}`);
	for (const { node, stream, state, since } of waiting) {
		lines.push(
			`  waiting: ${node || "-"} (stream ${stream}): ${state}${since === null ? "" : `, for ${ageOf(since, now)}`}`,
		);
	}
	if (waitingCount > waiting.length) lines.push(`  and ${waitingCount - waiting.length} more clients wait`);
	return lines;
}

function atText({ service, address, at, version, endpoint, since, ackedByAllAt, client }: ExplainedAtJson): string {
	const lines = [`${service} ${address} at ${at}${version === "" ? "" : ` (version ${version})`}`];
	if (endpoint) {
		const { health, weight, priority, target, object, revision } = endpoint;
		const from = [object, revision].filter((part) => part !== null).join(" @ ");
		lines.push(
			`  ${health}, weight ${weight}, priority ${priority}`,
			`  from ${target ?? "-"}${from ? `: ${from}` : ""}`,
		);
	} else lines.push("  the service did not have it");
	lines.push(since === null ? "  since before what is remembered" : `  since ${since}`);
	lines.push(ackedByAllAt === null ? "  not every client had that yet" : `  with all clients at ${ackedByAllAt}`);
	if (client) {
		const when = client.ackedAt === null ? "" : ` (ACKed at ${client.ackedAt})`;
		const had = { yes: "had it", no: "did not have it yet", unknown: "is not remembered for that time" }[client.had];
		lines.push(`  ${client.node} ${had}${when}`);
	}
	return text(lines);
}

function seconds(from: string, to: string): string {
	return `${Math.max(0, (Date.parse(to) - Date.parse(from)) / 1_000).toFixed(3)} s`;
}

function text(lines: readonly string[]): string {
	return lines.map((line) => `${printable(line)}\n`).join("");
}
