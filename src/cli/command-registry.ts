import { NamedServices } from "../catalog/named-services.js";
import { loadConfig } from "../config/load.js";
import { ProviderSet } from "../providers/provider-set.js";
import { Registry } from "../providers/registry.js";
import type { CliIo } from "./cli-io.js";

/**
 * The providers that Fingerpost brings, with the settings of a config file and its services by name if one is given.
 * @throws InvalidConfig
 */
export async function commandRegistry(config: string | undefined, io: CliIo): Promise<Registry> {
	const registry = new Registry();
	if (config !== undefined) {
		const { providers, maxEndpoints, services } = await loadConfig(config, { registry, env: io.env, atOnce: true });
		new ProviderSet(registry).apply(providers);
		registry.maxEndpoints = maxEndpoints;
		registry.useNames(new NamedServices(registry, services));
	}
	return registry;
}
