/** What is wrong, and where. */
export interface Problem {
	/** Absent, as line and column are, where the value stands in no file. */
	readonly file?: string;
	/** From 1; 0 if the problem is the file as a whole. */
	readonly line?: number;
	/** From 1; 0 if the problem is the file as a whole. */
	readonly column?: number;
	/** `services.web.endpoints[0].weight`; empty for the document itself. */
	readonly path: string;
	readonly message: string;
}

/** What is wrong in a file. */
export type PlacedProblem = Required<Problem>;

/** What is wrong with a value, before it is known where that stands. */
export interface Finding {
	readonly path: readonly PropertyKey[];
	/** Whether the key is meant, or what stands behind it. */
	readonly at: "key" | "value";
	readonly message: string;
}

/** More problems of one text than these are not looked for: nobody reads them, and a file may have millions. */
export const MAX_PROBLEMS = 1_000;

/** `fingerpost.yaml:9:16 services.web.connectTimeout: expected a duration such as 5s`. */
export function formatProblem({ file, line = 0, column, path, message }: Problem): string {
	const where = line > 0 ? `${file}:${line}:${column}` : file;
	if (where === undefined) return path === "" ? message : `${path}: ${message}`;
	if (line === 0 && path === "") return `${where}: ${message}`;
	return path === "" ? `${where} ${message}` : `${where} ${path}: ${message}`;
}

const SHOWN = 50;

/**
 * One line a problem; of very many only the first 50 and how many more there are.
 * @param subject what those are of that stand in no file.
 */
export function formatProblems(problems: readonly Problem[], subject: string): string {
	const lines = problems.slice(0, SHOWN).map((problem) => formatProblem({ file: subject, ...problem }));
	if (problems.length > SHOWN) lines.push(`and ${problems.length - SHOWN} more`);
	return lines.join("\n");
}

/** A problem of the file as a whole: it is missing, cannot be read, is too large. */
export function fileProblem(file: string, message: string): PlacedProblem {
	return { file, line: 0, column: 0, path: "", message };
}

/** A problem of a value that stands in no file. */
export function valueProblem({ path, message }: Pick<Finding, "path" | "message">): Problem {
	return { path: formatPath(path), message };
}

/** The longest name of a service has 253 characters. */
const LONGEST_KEY = 253;

/** `["services", "a.b", "endpoints", 0]` as `services["a.b"].endpoints[0]`. */
export function formatPath(path: readonly PropertyKey[]): string {
	let text = "";
	for (const part of path) {
		const key = String(part).length > LONGEST_KEY ? `${String(part).slice(0, LONGEST_KEY)}…` : String(part);
		if (typeof part === "number") text += `[${part}]`;
		else if (/^[A-Za-z0-9_-]+$/.test(key)) text += text === "" ? key : `.${key}`;
		else text += `[${JSON.stringify(key)}]`;
	}
	return text;
}
