import type { z } from "zod";
import type { Target } from "../model/target.js";
import type { Provider } from "./provider.js";

/** A kind of provider that the config can make instances of, each with its own settings. */
export interface ProviderKind<Options extends z.ZodObject = z.ZodObject> {
	/** Its name under `providers:` in the config; another name there makes another instance with `type: NAME`. */
	readonly type: string;
	/** The schemes of the instance that has the kind's own name; another instance's scheme is its name. */
	readonly schemes: readonly string[];
	/** The settings: a strict object in which every key may be missing. */
	readonly options: Options;
	/** Why the target's text is not one that the provider can serve, or undefined. No I/O. */
	check(target: Target): string | undefined;
	/** A new instance. It does nothing until something is watched, and holds nothing once nothing is watched any more. */
	create(options: z.output<Options>): Provider;
}

/** The schemes of the instance of that name. */
export function schemesOf(name: string, kind: ProviderKind): readonly string[] {
	return name === kind.type ? kind.schemes : [name];
}
