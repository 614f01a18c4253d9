import { type ConsulOptions, consulOptions } from "../../../src/providers/consul/consul-options.js";
import { ConsulProvider } from "../../../src/providers/consul/consul-provider.js";

/** Options as in a config. */
export function options(given: Readonly<Record<string, unknown>> = {}): ConsulOptions {
	return consulOptions.parse(given);
}

export function consulProvider(address: string, given: Readonly<Record<string, unknown>> = {}): ConsulProvider {
	return new ConsulProvider(options({ address, ...given }));
}
