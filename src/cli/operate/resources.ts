import type { ResourcesJson, SentResourceJson } from "../../admin/resources/resource-routes.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { type ShowOptions, show, type TableStyle } from "../output/show.js";
import { type Cell, renderTable } from "../output/table.js";
import { askService } from "./ask-service.js";

export interface ResourcesOptions extends AdminOptions, ShowOptions {
	readonly type?: string;
	readonly view?: string;
	readonly client?: string;
}

/**
 * Shows what clients are sent of a service: a line a resource, or each in JSON.
 * @throws ServiceNotFound, FingerpostError USAGE, ADMIN_UNREACHABLE
 */
export async function resources(service: string, options: ResourcesOptions, io: CliIo): Promise<number> {
	const { type, view, client: node, output } = options;
	const isTable = output === "table" || output === "wide";
	const query = { type, view, client: node, body: isTable ? "0" : undefined };
	const client = new AdminClient(options);
	const read = () => askService<ResourcesJson>(client, { service, what: "resources", query });
	return show(options, read, { table: renderResources, nothing: `Nothing of ${service} is sent.` }, io);
}

const HEADERS = ["TYPE", "VIEW", "VERSION", "BYTES", "USED", "PROBLEM"];

/** A line a resource. */
export function renderResources({ resources: all }: ResourcesJson, style: TableStyle): string {
	if (all.length === 0) return "";
	return renderTable(HEADERS, all.map(rowOf), style);
}

function rowOf({ type, view, version, bytes, inUse, problem }: SentResourceJson): Cell[] {
	const why: Cell = problem ? { text: `${problem.reason}: ${problem.message}`, colour: "red" } : "";
	return [type, view, version ?? "", bytes ?? "", inUse ? "yes" : "no", why];
}
