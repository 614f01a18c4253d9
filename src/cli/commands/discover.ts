import { type EndpointJson, endpointJson } from "../../admin/admin-json.js";
import type { CliIo } from "../cli-io.js";
import { commandRegistry } from "../command-registry.js";
import { type ShowOptions, show } from "../output/show.js";
import { renderEndpoints } from "../render/endpoints-table.js";

export interface DiscoverCommandOptions extends Pick<ShowOptions, "output"> {
	/** The config file whose settings of providers hold, and whose services can be named. */
	readonly config?: string;
	/** Milliseconds. */
	readonly timeout: number;
}

/** What `-o json` prints; the endpoints are as in the admin API. */
interface DiscoveredJson {
	readonly target: string;
	readonly endpoints: readonly EndpointJson[];
}

/**
 * Shows the endpoints of a target as its source gives them now; host names are resolved.
 * @throws ServiceNotFound, SourceFailed, InvalidTarget, UnsupportedScheme, InvalidConfig
 */
export async function discover(
	target: string,
	{ config, timeout, output }: DiscoverCommandOptions,
	io: CliIo,
): Promise<number> {
	const registry = await commandRegistry(config, io);
	const read = async (): Promise<DiscoveredJson> => {
		const endpoints = await registry.discover(target, { timeout });
		return { target, endpoints: endpoints.map((each) => endpointJson(each)) };
	};
	const view = {
		table: ({ endpoints }: DiscoveredJson, style: Parameters<typeof renderEndpoints>[1]) =>
			endpoints.length === 0 ? "" : renderEndpoints(endpoints, style),
		nothing: `${target} has no endpoints.`,
	};
	return show({ output }, read, view, io);
}
