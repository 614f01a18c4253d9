import type { Registry } from "../providers/registry.js";
import { configSchema } from "./schema.js";
import { TargetReader } from "./target-reader.js";

/** A schema and what it remembers of the config that it checks: the providers that this makes. For one config at a time. */
export interface ConfigSchema {
	readonly schema: ReturnType<typeof configSchema>;
	readonly targets: TargetReader;
}

/** Those that no config is checked by now: to make one takes longer than to check a small config. */
const FREE = new WeakMap<Registry, ConfigSchema[]>();

export function takeSchema(registry: Registry): ConfigSchema {
	const free = FREE.get(registry)?.pop();
	if (free) return free;
	const targets = new TargetReader(registry);
	return { schema: configSchema(registry, targets), targets };
}

/** For the next config. */
export function giveBack(registry: Registry, schema: ConfigSchema): void {
	schema.targets.forget();
	const free = FREE.get(registry);
	if (free) free.push(schema);
	else FREE.set(registry, [schema]);
}
