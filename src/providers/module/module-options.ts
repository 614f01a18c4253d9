import { describe } from "../../input/check.js";
import { messageOf } from "../../util/errors.js";
import type { OptionsRead } from "../provider-kind.js";

interface Schema {
	safeParse(value: unknown): {
		readonly success: boolean;
		readonly data?: unknown;
		readonly error?: {
			readonly issues?: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
		};
	};
}

/**
 * Reads what the config has for a module.
 * @param options the module's: a schema of zod, of whatever copy of it; a function that gives the options or throws; or
 *   nothing, where it takes none.
 */
export function readModuleOptions(options: unknown, written: Readonly<Record<string, unknown>>): OptionsRead {
	if (options === undefined) {
		const problems = Object.keys(written).map((key) => ({ path: [key], message: "the module takes no options" }));
		return problems.length > 0 ? { problems } : { value: {} };
	}
	try {
		if (typeof options === "function") return given(options(structuredClone(written)));
		const { success, data, error } = (options as Schema).safeParse(written);
		if (success) return given(data);
		const issues = error?.issues ?? [];
		if (issues.length === 0) return { problems: [{ path: [], message: "the module refuses these options" }] };
		return { problems: issues.map(({ path, message }) => ({ path: [...path], message })) };
	} catch (error) {
		return { problems: [{ path: [], message: messageOf(error) }] };
	}
}

function given(value: unknown): OptionsRead {
	const isObject = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Promise);
	if (isObject) return { value: value as Readonly<Record<string, unknown>> };
	const what = value instanceof Promise ? "a promise" : describe(value);
	return { problems: [{ path: [], message: `the module's options gave ${what}; expected keys with values, at once` }] };
}
