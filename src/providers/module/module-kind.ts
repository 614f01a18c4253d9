import { z } from "zod";
import { describe } from "../../input/check.js";
import { isScheme, type Target } from "../../model/target.js";
import { messageOf } from "../../util/errors.js";
import { didYouMean } from "../../util/text/suggest.js";
import type { ProviderKind } from "../provider-kind.js";
import { guardedProvider } from "./guarded-provider.js";
import { readModuleOptions } from "./module-options.js";

/** What a file exports, or why it is no provider. */
export type LoadedModule = { readonly kind: ProviderKind; readonly problem?: undefined } | { readonly problem: string };

/** What a module exports as default, as far as it is a kind of provider. */
interface Exported {
	readonly type: string;
	readonly schemes?: readonly string[];
	readonly options?: unknown;
	readonly check?: (target: Target) => unknown;
	readonly checkAll?: (target: Target) => unknown;
	readonly create: (options: unknown, tools: unknown) => unknown;
}

const KEYS = ["type", "schemes", "options", "check", "checkAll", "create", "example", "exampleAll", "unavailable"];
const SHAPE = "a kind of provider: {type, schemes, options, check, create}";

/** The kind that a module exports, or why it exports none. */
export function moduleKind({ default: exported }: Readonly<Record<string, unknown>>): LoadedModule {
	if (exported === undefined) return { problem: `it has no default export; expected ${SHAPE}` };
	if (typeof exported !== "object" || exported === null || Array.isArray(exported)) {
		return { problem: `its default export is ${describe(exported)}; expected ${SHAPE}` };
	}
	const problem = shapeProblem(exported as Readonly<Record<string, unknown>>);
	return problem === undefined ? { kind: kindOf(exported as Exported) } : { problem };
}

function shapeProblem(exported: Readonly<Record<string, unknown>>): string | undefined {
	const [unknown] = Object.keys(exported).filter((key) => !KEYS.includes(key));
	if (unknown !== undefined) {
		return `its default export has an unknown key ${JSON.stringify(unknown)}${didYouMean(unknown, KEYS)}`;
	}
	const { type, schemes = [type], options, create } = exported;
	if (typeof type !== "string" || !isScheme(type)) {
		return `its type is ${told(type)}; expected a name of lower-case letters, digits and + . - after a letter`;
	}
	if (!Array.isArray(schemes) || !schemes.every((each) => typeof each === "string" && isScheme(each))) {
		return 'its schemes are no list of schemes such as ["mine"]';
	}
	if (typeof create !== "function") return `its create is ${told(create)}; expected a function that gives a provider`;
	for (const key of ["check", "checkAll", "unavailable"]) {
		const value = exported[key];
		if (value !== undefined && typeof value !== "function")
			return `its ${key} is ${describe(value)}; expected a function`;
	}
	const isSchema = typeof (options as { readonly safeParse?: unknown } | undefined)?.safeParse === "function";
	if (options !== undefined && !isSchema && typeof options !== "function") {
		return `its options are ${describe(options)}; expected a zod schema, or a function that gives the options or throws`;
	}
	return undefined;
}

function kindOf(exported: Exported): ProviderKind {
	const { type, schemes = [type], checkAll } = exported;
	const check = (target: Target) => checked("check", exported.check && (() => exported.check?.(target)));
	return {
		type,
		schemes: schemes.map((scheme) => scheme.toLowerCase()),
		example: `${type}:///web`,
		// What it takes is known to the module alone: see readOptions.
		options: z.looseObject({}),
		readOptions: (written) => readModuleOptions(exported.options, written),
		check,
		...(checkAll && { checkAll: (target: Target) => checked("checkAll", () => checkAll.call(exported, target)) }),
		create: (options) => guardedProvider(type, check, (tools) => exported.create(options, tools)),
	};
}

/** What a module says of a target, whatever it does meanwhile. */
function checked(what: string, check: (() => unknown) | undefined): string | undefined {
	try {
		const problem = check?.();
		if (problem === undefined || problem === null) return undefined;
		return typeof problem === "string"
			? problem
			: `its ${what} gave ${describe(problem)}; expected a text or undefined`;
	} catch (error) {
		return `its ${what} failed: ${messageOf(error)}`;
	}
}

function told(value: unknown): string {
	return value === undefined ? "missing" : describe(value);
}
