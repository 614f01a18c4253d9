import type { RegistriesJson, ServiceDetailJson, ServicesJson } from "../../admin/admin-json.js";
import { FingerpostError, ServiceNotFound } from "../../util/errors.js";
import { didYouMean } from "../../util/text/suggest.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient, withQuery } from "../admin/admin-client.js";
import { adminChanges } from "../admin/admin-events.js";
import type { CliIo } from "../cli-io.js";
import { type ShowOptions, show } from "../output/show.js";
import { warnOfReload } from "../render/reload-warning.js";
import { renderService } from "../render/service-detail.js";
import { renderServices, type ServicesShown } from "../render/services-table.js";

export interface ServicesOptions extends ShowOptions, AdminOptions {
	readonly service?: string;
	readonly state?: string;
}

/**
 * Shows all services, or one with its targets, endpoints, clients and notes.
 * @throws FingerpostError USAGE for a name together with filters of a list
 */
export async function services(name: string | undefined, options: ServicesOptions, io: CliIo): Promise<number> {
	const client = new AdminClient(options);
	const { service, state } = options;
	const isFiltered = service !== undefined || state !== undefined;
	if (name === undefined) {
		const read = async (): Promise<ServicesShown> => {
			const all = await client.getExisting<ServicesJson>(withQuery("/api/v1/services", { service, state }));
			// An older control plane has none.
			const found = isFiltered ? undefined : await client.get<RegistriesJson>("/api/v1/registries");
			return found && found.registries.length > 0 ? { ...all, ...found } : all;
		};
		const nothing = isFiltered ? "No service is like that." : "The config has no service.";
		const names = ({ services: all }: ServicesJson) => all.map((each) => each.name);
		const view = { table: renderServices, names, nothing };
		const code = await show(options, read, view, io, adminChanges(client, "services"));
		await warnOfReload(client, options, io);
		return code;
	}
	if (isFiltered) throw new FingerpostError("USAGE", "give the name of a service, or --service and --state for a list");
	const view = { table: renderService, names: (one: ServiceDetailJson) => [one.name], nothing: "" };
	return show(options, () => readService(client, name), view, io, adminChanges(client, "services,clients"));
}

async function readService(client: AdminClient, name: string): Promise<ServiceDetailJson> {
	const service = await client.get<ServiceDetailJson>(`/api/v1/services/${encodeURIComponent(name)}`);
	if (service) return service;
	throw new ServiceNotFound(`there is no service "${name}"${didYouMean(name, await serviceNames(client))}`);
}

/** The names of all services. */
export async function serviceNames(client: AdminClient): Promise<readonly string[]> {
	const { services: all } = await client.getExisting<ServicesJson>("/api/v1/services");
	return all.map((each) => each.name);
}
