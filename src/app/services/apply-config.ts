import type { Catalog } from "../../catalog/catalog.js";
import type { DiscoveredServices } from "../../catalog/discover/discovered-services.js";
import type { Config } from "../../config/config.js";
import type { ProviderSet } from "../../providers/provider-set.js";
import type { Steps } from "../../util/steps.js";

export interface Configured {
	readonly providers: ProviderSet;
	readonly catalog: Catalog;
	readonly discovered: DiscoveredServices;
}

/** Makes a running control plane what the config says, in steps. */
export function* applyConfig(config: Config, { providers, catalog, discovered }: Configured): Steps<void> {
	const changed = providers.apply(config.providers);
	yield* catalog.applyInSteps(config.services);
	catalog.rewatch(changed);
	discovered.rewatch(changed);
	discovered.apply(config.discover ?? []);
}
