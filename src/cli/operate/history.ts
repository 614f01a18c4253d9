import type { ChangeJson, DiffJson, HistoryJson } from "../../admin/explain/history-json.js";
import { cleanJson } from "../../util/text/clean-text.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { ageOf } from "../output/age.js";
import { type ShowOptions, show, type TableStyle } from "../output/show.js";
import { type Cell, printable, renderTable } from "../output/table.js";
import { askService } from "./ask-service.js";

export interface HistoryOptions extends AdminOptions, ShowOptions {
	readonly limit?: string;
}

/** Addresses that are named in a cell. */
const MAX_NAMED = 3;

/**
 * Shows the last changes of a service, newest first.
 * @throws ServiceNotFound, FingerpostError USAGE, ADMIN_UNREACHABLE
 */
export async function history(service: string, options: HistoryOptions, io: CliIo): Promise<number> {
	const client = new AdminClient(options);
	const read = () => askService<HistoryJson>(client, { service, what: "history", query: { limit: options.limit } });
	return show(options, read, { table: renderHistory, nothing: `No change of ${service} is known.` }, io);
}

function renderHistory({ changes }: HistoryJson, style: TableStyle): string {
	if (changes.length === 0) return "";
	const heads = [
		"AT",
		"AGE",
		"VERSION",
		"ADDED",
		"REMOVED",
		"CHANGED",
		"ALL-ACKED",
		{ text: "TARGET", optional: true } as const,
	];
	const rows = changes.map((change): Cell[] => [
		change.at,
		ageOf(change.at, style.now),
		change.version,
		namesText(change.added, style),
		namesText(change.removed, style),
		namesText(change.changed, style),
		ackedText(change),
		change.target ?? "",
	]);
	return renderTable(heads, rows, style);
}

function namesText(names: readonly string[], { wide }: TableStyle): string {
	if (wide || names.length <= MAX_NAMED) return names.join(", ");
	return `${names.length}: ${names.slice(0, MAX_NAMED - 1).join(", ")}, …`;
}

function ackedText({ at, ackedByAllAt }: ChangeJson): string {
	return ackedByAllAt === null ? "" : `after ${((Date.parse(ackedByAllAt) - Date.parse(at)) / 1_000).toFixed(3)} s`;
}

export interface ServiceDiffOptions extends AdminOptions {
	readonly since: string;
	readonly output: "text" | "json";
}

/**
 * Shows how a service is other than it was.
 * @returns 0 if it is the same, 1 if not.
 * @throws ServiceNotFound, FingerpostError USAGE, ADMIN_UNREACHABLE
 */
export async function diffService(service: string, options: ServiceDiffOptions, io: CliIo): Promise<number> {
	const { since, output } = options;
	const question = { service, what: "diff", query: { since } };
	const diff = await askService<DiffJson>(new AdminClient(options), question);
	const { added, removed, changed } = diff;
	if (output === "json") io.stdout.write(`${cleanJson(JSON.stringify(diff, null, 2))}\n`);
	else {
		const lines = [...added.map((each) => `+ ${each}`), ...removed.map((each) => `- ${each}`)];
		lines.push(...changed.map((each) => `~ ${each}`));
		lines.push(`${added.length} added, ${removed.length} removed, ${changed.length} changed`);
		io.stdout.write(lines.map((line) => `${printable(line)}\n`).join(""));
	}
	return added.length + removed.length + changed.length === 0 ? 0 : 1;
}
