import type { z } from "zod";
import { quote } from "../util/text/quote.js";
import type { Finding } from "./problem.js";

type Issue = z.core.$ZodIssue;

/** A value that the schema has checked, or all that is wrong with it. */
export type Checked<T> =
	| { readonly value: T; readonly findings?: undefined }
	| { readonly value?: undefined; readonly findings: readonly Finding[] };

/** Checks a value by a schema. @param parents the path of the value itself. */
export function check<S extends z.ZodType>(
	schema: S,
	value: unknown,
	parents: readonly PropertyKey[] = [],
): Checked<z.output<S>> {
	const { data, error } = schema.safeParse(value, { error: plainWords });
	if (!error) return { value: data as z.output<S> };
	return { findings: error.issues.flatMap((issue) => findingsOf(issue, parents)) };
}

function findingsOf(issue: Issue, parents: readonly PropertyKey[]): readonly Finding[] {
	const path = [...parents, ...issue.path];
	switch (issue.code) {
		case "unrecognized_keys": {
			// One line a key, in the keys' order: see strictObject.
			const messages = issue.message.split("\n");
			return issue.keys.map((key, i) => ({
				path: [...path, key],
				at: "key",
				message: messages[i] ?? `unknown key ${describe(key)}`,
			}));
		}
		case "invalid_key":
			return issue.issues.map(({ message }) => ({ path, at: "key", message }));
		case "invalid_union": {
			const branch = meantBranch(issue.errors);
			if (branch) return branch.flatMap((inner) => findingsOf(inner, path));
			return [{ path, at: "value", message: issue.message }];
		}
		default:
			return [{ path, at: "value", message: issue.message }];
	}
}

/** Of a union's branches the one for this kind of value: the only one that does not already refuse its type. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
	const fitting = branches.filter((issues) => !issues.some((i) => i.code === "invalid_type" && i.path.length === 0));
	return fitting.length === 1 ? fitting[0] : undefined;
}

/** The words for what the schema itself has none for. A schema's own `error` wins over them. */
function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
	switch (issue.code) {
		case "invalid_type":
			if (issue.input === undefined) return "is missing";
			return `expected ${TYPES[issue.expected] ?? issue.expected}, not ${describe(issue.input)}`;
		case "invalid_union":
			return `not expected here: ${describe(issue.input)}`;
		case "invalid_value":
			return `expected ${issue.values.map(String).join(", ")}, not ${describe(issue.input)}`;
		default:
			return undefined;
	}
}

const TYPES: Readonly<Record<string, string>> = {
	string: "a string",
	number: "a number",
	int: "a whole number",
	boolean: "true or false",
	object: "keys with values",
	record: "keys with values",
	array: "a list",
};

/** A value in a message: `an empty value`, `the number 5`, `"text"`. */
export function describe(value: unknown): string {
	if (value === null || value === undefined) return "an empty value";
	if (typeof value === "string") return quote(value);
	if (Array.isArray(value)) return "a list";
	return typeof value === "object" ? "keys with values" : `the ${typeof value} ${String(value)}`;
}
