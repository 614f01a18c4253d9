import type { ClientsJson } from "../../admin/admin-json.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient, withQuery } from "../admin/admin-client.js";
import { adminChanges } from "../admin/admin-events.js";
import type { CliIo } from "../cli-io.js";
import { type ShowOptions, show } from "../output/show.js";
import { warnOfReload } from "../render/reload-warning.js";
import { renderStatus, type ShownClients } from "../render/status-table.js";
import { serviceNames } from "./services.js";

export interface StatusOptions extends ShowOptions, AdminOptions {
	readonly node?: string;
	readonly service?: string;
	readonly state?: string;
	readonly type?: string;
}

/** Shows each connected client: what it wants, what it was sent, what it has made of it. */
export async function status(options: StatusOptions, io: CliIo): Promise<number> {
	const client = new AdminClient(options);
	const { node, service, state, type } = options;
	const filters = { node, service, state, type };
	const isFiltered = Object.values(filters).some((each) => each !== undefined);
	const read = async (): Promise<ShownClients> => {
		const found = await client.getExisting<ClientsJson>(withQuery("/api/v1/clients", filters));
		return isSomeMissing(found) ? { ...found, serviceNames: await serviceNames(client) } : found;
	};
	const view = {
		table: renderStatus,
		nothing: isFiltered ? "No connected client is like that." : "No client is connected.",
		names: ({ clients }: ShownClients) => [...new Set(clients.map((each) => each.node))].sort(),
		json: ({ clients, pinned = [] }: ShownClients) => ({ clients, pinned }),
	};
	const code = await show(options, read, view, io, adminChanges(client, "clients"));
	await warnOfReload(client, options, io);
	return code;
}

/** Whether it may help to know what there is. */
export function isSomeMissing({ clients }: Pick<ClientsJson, "clients">): boolean {
	return clients.some(({ types }) => Object.values(types).some(({ missing = [] }) => missing.length > 0));
}
