import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { describe } from "../../input/check.js";
import { isScheme } from "../../model/target.js";
import type { ProviderKind } from "../provider-kind.js";
import { PROVIDER_KINDS } from "../provider-kinds.js";
import type { LoadedModule } from "./module-kind.js";

/** Why there is no instance of a name under `providers`. */
export interface NameProblem {
	readonly problem: string;
	/** Within the settings; the name itself unless given. */
	readonly path?: readonly PropertyKey[];
}

/** Finds the modules that a config names. */
export interface ModuleLookUp {
	/** @param path as it is written. */
	find(path: string): LoadedModule;
}

/** Where a config stands in no file. */
export const NO_MODULES: ModuleLookUp = {
	find: () => ({
		problem: "a module is loaded with a config file only; in a program, registry.register() takes the provider itself",
	}),
};

/** The modules of a config file. Those that are not loaded yet are noted. */
export class FileModules implements ModuleLookUp {
	/** Paths of files that are to be loaded. */
	readonly missing = new Set<string>();
	readonly #folder: string;
	readonly #loaded: (path: string) => LoadedModule | undefined;

	/** @param folder that of the config file, by which paths are resolved. */
	constructor(folder: string, loaded: (path: string) => LoadedModule | undefined) {
		this.#folder = folder;
		this.#loaded = loaded;
	}

	find(written: string): LoadedModule {
		const path = isAbsolute(written) ? written : resolve(this.#folder, written);
		const loaded = this.#loaded(path);
		if (loaded) return loaded;
		this.missing.add(path);
		return { problem: "it is not loaded yet" };
	}
}

export interface ModuleSettings {
	/** Known even if the settings are wrong. */
	readonly kind?: ProviderKind;
	readonly settings?: { readonly kind: ProviderKind; readonly options: Readonly<Record<string, unknown>> };
	readonly problems: readonly NameProblem[];
}

/** Stands for a kind that nobody knows: what is wrong with it is not told once more at each of its targets. */
const ANY: ProviderKind = {
	...{ type: "module", schemes: [], example: "", options: z.looseObject({}) },
	check: () => undefined,
	checkAll: () => undefined,
	create() {
		throw new Error("a config that has a problem is not used");
	},
};

/** Whether the settings are those of a module. Names of built-in kinds are always theirs. */
export function isOfModule(name: string, settings: unknown): settings is Readonly<Record<string, unknown>> {
	const isObject = typeof settings === "object" && settings !== null && !Array.isArray(settings);
	return isObject && Object.hasOwn(settings, "module") && !PROVIDER_KINDS.some(({ type }) => type === name);
}

/** Reads the settings of an instance whose kind a module exports. */
export function readModuleSettings(
	name: string,
	{ module: path, ...written }: Readonly<Record<string, unknown>>,
	modules: ModuleLookUp,
): ModuleSettings {
	const problem = nameProblem(name);
	if (problem !== undefined) return { problems: [{ problem }] };
	const at = (key: string, text: string) => ({ kind: ANY, problems: [{ path: [key], problem: text }] });
	if ("type" in written) return at("type", "give either type or module, not both");
	if (typeof path !== "string" || path === "") {
		return at("module", `expected the path of a module such as ./mine.mjs, not ${describe(path)}`);
	}
	const loaded = modules.find(path);
	if (loaded.problem !== undefined) return at("module", `${path}: ${loaded.problem}`);
	const { kind } = loaded;
	const { value, problems = [] } = kind.readOptions?.(written) ?? { value: written };
	if (!value) return { kind, problems: problems.map((each) => ({ path: each.path, problem: each.message })) };
	return { kind, settings: { kind, options: value }, problems: [] };
}

function nameProblem(name: string): string | undefined {
	if (!isScheme(name)) {
		return "the name is the scheme of its targets: lower-case letters, digits and + . - after a letter";
	}
	const taken = PROVIDER_KINDS.find(({ schemes }) => schemes.includes(name));
	return taken && `the scheme ${name} is served by ${taken.type}; choose another name`;
}
