import type { z } from "zod";
import type { Problem } from "./problem.js";

type Issue = z.core.$ZodIssue;

/** Tells where the value, or the key, of a path stands. */
export interface Places {
	problem(path: readonly PropertyKey[], at: "key" | "value", message: string): Problem;
}

/** Zod's issues as problems at their places. */
export function zodProblems(issues: readonly Issue[], places: Places): Problem[] {
	return issues.flatMap((issue) => problemsOf(issue, [], places));
}

function problemsOf(issue: Issue, parents: readonly PropertyKey[], places: Places): Problem[] {
	const path = [...parents, ...issue.path];
	switch (issue.code) {
		case "unrecognized_keys": {
			// One line a key, in the keys' order: see strictObject.
			const messages = issue.message.split("\n");
			return issue.keys.map((key, i) =>
				places.problem([...path, key], "key", messages[i] ?? `unknown key ${JSON.stringify(key)}`),
			);
		}
		case "invalid_key":
			return issue.issues.map((inner) => places.problem(path, "key", inner.message));
		case "invalid_union": {
			const branch = meantBranch(issue.errors);
			if (branch) return branch.flatMap((inner) => problemsOf(inner, path, places));
			return [places.problem(path, "value", issue.message)];
		}
		default:
			return [places.problem(path, "value", issue.message)];
	}
}

/** Of a union's branches the one for this kind of value: the only one that does not already refuse its type. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
	const fitting = branches.filter((issues) => !issues.some((i) => i.code === "invalid_type" && i.path.length === 0));
	return fitting.length === 1 ? fitting[0] : undefined;
}

/** The words for what the schema itself has none for. A schema's own `error` wins over them. */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
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
	string: "a text",
	number: "a number",
	int: "a whole number",
	boolean: "true or false",
	object: "keys with values",
	record: "keys with values",
	array: "a list",
};

/** A value in a message: `nothing`, `the number 5`, `"text"`. */
export function describe(value: unknown): string {
	if (value === null || value === undefined) return "nothing";
	if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 79)}…` : value);
	if (Array.isArray(value)) return "a list";
	return typeof value === "object" ? "keys with values" : `the ${typeof value} ${String(value)}`;
}
