import type { z } from "zod";
import type { Problem } from "../problem.js";
import { plainWords, zodProblems } from "../zod-problems.js";
import { type Substitute, YamlDocument } from "./yaml-document.js";
import { readYamlSubset } from "./yaml-subset.js";

export type ReadYaml<T> =
	| { readonly value: T; readonly problems?: undefined }
	| { readonly value?: undefined; readonly problems: readonly Problem[] };

export interface ReadYamlOptions {
	/** The file's name in the problems. */
	readonly file: string;
	/** Replaces variables in texts; without it `$` means nothing. */
	readonly substitute?: Substitute;
}

/** Reads YAML or JSON text as the schema says, or tells every problem with its place. Never throws. */
export function readYaml<S extends z.ZodType>(
	text: string,
	schema: S,
	{ file, substitute }: ReadYamlOptions,
): ReadYaml<z.output<S>> {
	// The whole parser takes over a second for 10,000 endpoints, the subset's a fortieth of it. What that one cannot
	// read, or what is wrong, is read again by the whole one, which knows the places.
	const quick = readYamlSubset(text, substitute);
	if (quick !== undefined) {
		const result = schema.safeParse(quick.value, { error: plainWords });
		if (result.success) return { value: result.data };
	}
	const document = new YamlDocument(text, file, substitute);
	if (document.broken) return { problems: inOrder(document.problems) };
	const result = schema.safeParse(document.value, { error: plainWords });
	if (result.success) {
		return document.problems.length === 0 ? { value: result.data } : { problems: inOrder(document.problems) };
	}
	// What has a problem already (a variable without a value) is not also told to be of the wrong form.
	const told = new Set(document.problems.map((p) => p.path));
	const more = zodProblems(result.error.issues, document).filter((p) => !told.has(p.path));
	return { problems: inOrder([...document.problems, ...more]) };
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
	return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
