import { atOnce, inSlices, type Steps } from "../util/steps.js";
import type { Checked } from "./check.js";
import type { PlacedProblem } from "./problem.js";
import { placeFindings, type ReadTextOptions, readText, type TextRead } from "./text/read-text.js";
import { textReader } from "./text/text-reader.js";

export type ReadChecked<T> =
	| { readonly value: T; readonly problems?: undefined }
	| {
			readonly value?: undefined;
			readonly problems: readonly PlacedProblem[];
			/** How many items the list has, where that is more than `maxItems`. */
			readonly tooMany?: number | undefined;
	  };

/** Reads a YAML or JSON text and checks its value, or tells every problem with its place. */
export function readChecked<T>(
	text: string,
	check: (value: unknown) => Steps<Checked<T>>,
	options: ReadTextOptions,
): ReadChecked<T> {
	const read = readText(text, options);
	if (read.broken) return { problems: inOrder(read.problems) };
	const checked = atOnce(check(read.value));
	return settled(read, checked, checked.findings ? placeFindings(text, checked.findings, options) : []);
}

/**
 * The same, with the event loop let go in between: a large text is read by a worker.
 * @throws what the signal says, when it ends the reading.
 */
export async function readCheckedInSlices<T>(
	text: string,
	check: (value: unknown) => Steps<Checked<T>>,
	{ signal, ...options }: ReadTextOptions & { readonly signal?: AbortSignal | undefined },
): Promise<ReadChecked<T>> {
	const read = await textReader.read(text, options);
	signal?.throwIfAborted();
	if (read.broken) return { problems: inOrder(read.problems), tooMany: read.tooMany };
	const checked = await inSlices(check(read.value), signal);
	return settled(read, checked, checked.findings ? await textReader.place(text, checked.findings, options) : []);
}

function settled<T>(read: TextRead, checked: Checked<T>, found: readonly PlacedProblem[]): ReadChecked<T> {
	if (checked.findings === undefined && read.problems.length === 0) return { value: checked.value };
	// What has a problem already (a variable without a value) is not also told to be of the wrong form.
	const told = new Set(read.problems.map(({ path }) => path));
	return { problems: inOrder([...read.problems, ...found.filter(({ path }) => !told.has(path))]) };
}

function inOrder(problems: readonly PlacedProblem[]): readonly PlacedProblem[] {
	return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
