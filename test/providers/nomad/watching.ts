import { nomadOptions } from "../../../src/providers/nomad/nomad-options.js";
import { NomadProvider } from "../../../src/providers/nomad/nomad-provider.js";

/** A provider with options as in a config. */
export function nomadProvider(address: string, given: Readonly<Record<string, unknown>> = {}): NomadProvider {
	return new NomadProvider(nomadOptions.parse({ address, ...given }));
}
