import type { ClientsJson, NodeJson } from "../../admin/admin-json.js";
import { FingerpostError } from "../../util/errors.js";
import { didYouMean } from "../../util/text/suggest.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient } from "../admin/admin-client.js";
import { adminChanges } from "../admin/admin-events.js";
import type { CliIo } from "../cli-io.js";
import { type ShowOptions, show } from "../output/show.js";
import { renderNode, type ShownNode } from "../render/node-detail.js";
import { serviceNames } from "./services.js";
import { isSomeMissing } from "./status.js";

export interface ClientsOptions extends ShowOptions, AdminOptions {}

/** Shows all streams of a node: what each has and lacks, name by name. */
export function clients(node: string, options: ClientsOptions, io: CliIo): Promise<number> {
	const client = new AdminClient(options);
	const read = async (): Promise<ShownNode> => {
		const found = await client.get<NodeJson>(`/api/v1/clients/${encodeURIComponent(node)}`);
		if (!found) throw await unknownNode(client, node);
		return isSomeMissing(found) ? { ...found, serviceNames: await serviceNames(client) } : found;
	};
	const view = {
		table: renderNode,
		nothing: "",
		names: (found: ShownNode) => found.clients.flatMap((each) => Object.values(each.types)).flatMap(namesOf),
		json: ({ clients: all }: ShownNode) => ({ clients: all }),
	};
	return show(options, read, view, io, adminChanges(client, "services,clients"));
}

function namesOf({ resources }: NodeJson["clients"][number]["types"][string]): string[] {
	return resources.map(({ name }) => name);
}

async function unknownNode(client: AdminClient, node: string): Promise<FingerpostError> {
	const { clients: all } = await client.getExisting<ClientsJson>("/api/v1/clients");
	const nodes = new Set(all.map((each) => each.node).filter((each) => each !== ""));
	const hint =
		didYouMean(node, nodes) ||
		(nodes.size === 0 ? "; there is no client at all" : "; fingerpost status shows those that are");
	return new FingerpostError("SERVICE_NOT_FOUND", `no client of the node "${node}" is connected${hint}`);
}
