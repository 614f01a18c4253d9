import { NamedServices } from "../catalog/named-services.js";
import type { Config } from "../config/config.js";
import { asConfig } from "../config/load.js";
import type { ConfigInput } from "../config/schema.js";
import { type RegistryOptions as ProviderOptions, Registry as Providers } from "../providers/registry.js";

/** Services by name, as `services:` has them in a config file, or those of a config that was loaded. */
export type ServicesInput = ConfigInput["services"] | Config["services"];

export interface RegistryOptions extends ProviderOptions {
	/** Services that can be named in place of a target; see define(). None unless given. */
	readonly services?: ServicesInput;
	/** Endpoints that one target may bring, 50,000 unless given; an answer with more counts as a failure. */
	readonly maxEndpoints?: number;
}

/**
 * Which provider serves which scheme, and which services there are by name. A new registry has the built-in providers;
 * register() adds others. A config that was loaded may be given as it is.
 */
export class Registry extends Providers {
	/** @throws InvalidConfig with every problem of the settings or of the services at once. */
	constructor({ providers, services, maxEndpoints }: RegistryOptions = {}) {
		super(providers ? { providers } : {});
		if (maxEndpoints !== undefined) this.maxEndpoints = maxEndpoints;
		if (services) this.define(services);
	}

	/**
	 * Makes these the services that discover(), watch(), refresh() and a Client take by name, in place of those before;
	 * a running watch keeps what it began with. The name of a service wins over a target that is written alike.
	 * @throws InvalidConfig with every problem at once, such as a target whose scheme no provider is registered for.
	 */
	define(services: ServicesInput): this {
		const config = asConfig({ services } as Config | ConfigInput, { registry: this });
		return this.useNames(new NamedServices(this, config.services));
	}
}
