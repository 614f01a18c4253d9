import type { z } from "zod";
import type { Finding } from "../input/problem.js";
import type { Target } from "../model/target.js";
import type { Provider } from "./provider.js";

/** A kind of provider. The config can make instances of it, each with its own settings. */
export interface ProviderKind<Options extends z.ZodObject = z.ZodObject> {
	/**
	 * Its name under `providers:` in the config. Another name there with this `type` makes another
	 * instance.
	 */
	readonly type: string;
	/**
	 * The schemes of the instance with the kind's own name. Another instance has its name as its
	 * scheme.
	 */
	readonly schemes: readonly string[];
	/** A target of it, for the config's schema: editors offer it. */
	readonly example: string;
	/** A target that stands for a whole registry, likewise. Only with checkAll(). */
	readonly exampleAll?: string;
	/**
	 * The settings: a strict object whose keys are all optional. Without keys, the config takes no
	 * settings.
	 */
	readonly options: Options;
	/** Reads the settings instead of the schema, which takes any: for a kind that is a module's. */
	readOptions?(written: Readonly<Record<string, unknown>>): OptionsRead;
	/** Why the provider cannot serve the target, or undefined. No I/O. */
	check(target: Target): string | undefined;
	/**
	 * Why the target does not stand for a whole registry, or undefined. No I/O. Only where the provider
	 * has watchAll().
	 */
	checkAll?(target: Target): string | undefined;
	/** Why the provider cannot work in this installation, and the cure; undefined if it can. */
	unavailable?(): string | undefined;
	/**
	 * What can be seen to be missing on this machine without asking the network, in a sentence. Not called
	 * while it serves.
	 */
	inspect?(target: Target, options: z.output<Options>): Promise<string | undefined>;
	/**
	 * Makes an instance. It opens nothing before the first watch and frees everything after the
	 * last.
	 */
	create(options: z.output<Options>): Provider;
}

/** Settings of an instance, or what is wrong with them. */
export type OptionsRead =
	| { readonly value: Readonly<Record<string, unknown>>; readonly problems?: undefined }
	| { readonly value?: undefined; readonly problems: readonly Pick<Finding, "path" | "message">[] };

/** The schemes of the instance of that name. */
export function schemesOf(name: string, kind: ProviderKind): readonly string[] {
	return name === kind.type ? kind.schemes : [name];
}

/** Whether the config can have settings for the kind. */
export function hasSettings(kind: ProviderKind): boolean {
	return Object.keys(kind.options.shape).length > 0;
}

/** Makes an instance that checks its targets as the kind does. */
export function createProvider<Options extends z.ZodObject>(
	kind: ProviderKind<Options>,
	options: z.output<Options>,
): Provider {
	return Object.assign(kind.create(options), {
		check: (target: Target) => kindProblem(kind, target),
		...(kind.checkAll && { checkAll: (target: Target) => kind.checkAll?.(target) ?? kind.unavailable?.() }),
		inspect: async (target: Target) => kind.inspect?.(target, options),
	});
}

/** Why a target of this kind cannot be served, or undefined. */
export function kindProblem(kind: ProviderKind, target: Target): string | undefined {
	return kind.check(target) ?? kind.unavailable?.();
}
