import { readConfig } from "../config/load.js";
import { builtinRegistry } from "../providers/builtin.js";
import { ProviderSet } from "../providers/provider-set.js";
import { Registry as EmptyRegistry } from "../providers/registry.js";

export interface RegistryOptions {
	/**
	 * Settings of providers by name, with the keys that `providers:` has in a config file, such as
	 * `{dns: {servers: ["127.0.0.1:5353"]}}`. Another name with a `type` is another instance, and its scheme.
	 */
	readonly providers?: Readonly<Record<string, object>>;
}

/**
 * Which provider serves which scheme: those that Fingerpost brings (`static`, `http`, `file`, `dns`, `kubernetes`,
 * `k8s`), and whatever is registered. None does anything until it is asked.
 */
export class Registry extends EmptyRegistry {
	/** @throws InvalidConfig with every problem of the settings at once. */
	constructor({ providers }: RegistryOptions = {}) {
		super();
		const builtin = builtinRegistry();
		for (const scheme of builtin.schemes) {
			const provider = builtin.find(scheme);
			if (provider) this.register(scheme, provider);
		}
		if (providers) new ProviderSet(this).apply(readConfig({ providers, services: {} }, { registry: this }).providers);
	}
}
