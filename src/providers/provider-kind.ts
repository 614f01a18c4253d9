import type { z } from "zod";
import type { Target } from "../model/target.js";
import type { Provider } from "./provider.js";

/** A kind of provider. The config can make instances of it, each with its own settings. */
export interface ProviderKind<Options extends z.ZodObject = z.ZodObject> {
	/** Its name under `providers:` in the config; another name there makes another instance with `type: NAME`. */
	readonly type: string;
	/** The schemes of the instance that has the kind's own name; another instance's scheme is its name. */
	readonly schemes: readonly string[];
	/** The settings: a strict object in which every key may be missing. Without any key, the config takes no settings. */
	readonly options: Options;
	/** Why the provider cannot serve a target of this text, or undefined. No I/O. */
	check(target: Target): string | undefined;
	/** Why this installation has no such provider, and what to do; absent where nothing can be missing. */
	unavailable?(): string | undefined;
	/** A new instance. It does nothing until something is watched, and holds nothing once nothing is watched any more. */
	create(options: z.output<Options>): Provider;
}

/** The schemes of the instance of that name. */
export function schemesOf(name: string, kind: ProviderKind): readonly string[] {
	return name === kind.type ? kind.schemes : [name];
}

/** Whether the config can have settings for the kind. */
export function hasSettings(kind: ProviderKind): boolean {
	return Object.keys(kind.options.shape).length > 0;
}

/** A new instance, which checks its targets as the kind does. */
export function createProvider<Options extends z.ZodObject>(
	kind: ProviderKind<Options>,
	options: z.output<Options>,
): Provider {
	return Object.assign(kind.create(options), { check: (target: Target) => kindProblem(kind, target) });
}

/** Why a target of this kind cannot be served, or undefined. */
export function kindProblem(kind: ProviderKind, target: Target): string | undefined {
	return kind.check(target) ?? kind.unavailable?.();
}
