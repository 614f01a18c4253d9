import { loadConfig } from "../config/load.js";
import { ProviderSet } from "../providers/provider-set.js";
import { Registry } from "../providers/registry.js";
import type { CliIo } from "./cli-io.js";

/**
 * The providers that Fingerpost brings, with the settings of a config file if one is given.
 * @throws InvalidConfig
 */
export async function commandRegistry(config: string | undefined, io: CliIo): Promise<Registry> {
	const registry = new Registry();
	if (config !== undefined) {
		const { providers, maxEndpoints } = await loadConfig(config, { registry, env: io.env, atOnce: true });
		new ProviderSet(registry).apply(providers);
		registry.maxEndpoints = maxEndpoints;
	}
	return registry;
}
