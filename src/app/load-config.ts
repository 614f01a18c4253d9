import type { Config } from "../config/config.js";
import { loadConfig as load } from "../config/load.js";
import type { Environment } from "../input/variables.js";
import { builtinRegistry } from "../providers/builtin.js";
import type { Registry } from "../providers/registry.js";

export interface LoadConfigOptions {
	/** Says which targets there can be; the providers that Fingerpost brings unless given. */
	readonly registry?: Registry;
	/** Where `${VAR}` is looked up; `process.env` unless given. */
	readonly env?: Environment;
	/** Ends the reading, with its reason as the error. */
	readonly signal?: AbortSignal;
}

/**
 * Reads and checks a config file, for a ControlPlane.
 * @throws InvalidConfig with every problem at once, each at its file:line:column.
 */
export function loadConfig(path: string, options: LoadConfigOptions = {}): Promise<Config> {
	const { registry = builtinRegistry(), env, signal } = options;
	return load(path, { registry, env, signal });
}
