import { type ModuleLookUp, NO_MODULES } from "../providers/module/module-settings.js";
import type { Registry } from "../providers/registry.js";
import { configSchema } from "./schema.js";
import { TargetReader } from "./target-reader.js";

/** A schema and what it remembers of the config that it checks: the providers that this makes. For one config at a time. */
export interface ConfigSchema {
	readonly schema: ReturnType<typeof configSchema>;
	readonly targets: TargetReader;
	readonly modules: ChosenModules;
}

/** Those of the config that is checked. */
class ChosenModules implements ModuleLookUp {
	chosen = NO_MODULES;

	find(path: string): ReturnType<ModuleLookUp["find"]> {
		return this.chosen.find(path);
	}
}

/** Those that no config is checked by now: to make one takes longer than to check a small config. */
const FREE = new WeakMap<Registry, ConfigSchema[]>();

/** @param modules those that the config names. */
export function takeSchema(registry: Registry, modules = NO_MODULES): ConfigSchema {
	const free = FREE.get(registry)?.pop() ?? newSchema(registry);
	free.modules.chosen = modules;
	return free;
}

function newSchema(registry: Registry): ConfigSchema {
	const targets = new TargetReader(registry);
	const modules = new ChosenModules();
	return { schema: configSchema(registry, targets, modules), targets, modules };
}

/** For the next config. */
export function giveBack(registry: Registry, schema: ConfigSchema): void {
	schema.targets.forget();
	schema.modules.chosen = NO_MODULES;
	const free = FREE.get(registry);
	if (free) free.push(schema);
	else FREE.set(registry, [schema]);
}
