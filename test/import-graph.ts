import { dirname, join } from "node:path/posix";

/** One relative import; paths start at the root of the repository. */
export interface Import {
	readonly from: string;
	readonly to: string;
}

/** Who may import whom, by the names of rooms. */
export type May = Readonly<Record<string, readonly string[]>>;

/**
 * Every form that names another file: `import … from`, `export … from`, `import type`, `import "…"`, `import("…")` as a
 * value and as a type, `require("…")`.
 */
const IMPORT = /\b(?:from|import|require)\b\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;
/** Generated, so it is not there in a fresh clone. */
const GENERATED = "src/gen/";

/**
 * All relative imports of the files, types included.
 * @param files the text of each file by its path.
 * @param mayMiss whether what no file of the table answers is left out, such as imports that a test has as texts.
 * @throws Error that names an import which no file of the table answers.
 */
export function importsOf(files: ReadonlyMap<string, string>, mayMiss = false): Import[] {
	const imports: Import[] = [];
	for (const [from, text] of files) {
		for (const [, named = ""] of text.matchAll(IMPORT)) {
			const path = join(dirname(from), named);
			const to = [path, path.replace(/\.js$/, ".ts")].find((each) => files.has(each) || each.startsWith(GENERATED));
			if (to !== undefined) imports.push({ from, to });
			else if (!mayMiss) throw new Error(`${from} imports ${named}, which is no file that is checked`);
		}
	}
	return imports;
}

/** The imports that the table does not allow, as "FROM imports TO". A room may import itself. */
export function forbidden(imports: readonly Import[], roomOf: (file: string) => string, may: May): string[] {
	return imports
		.filter(({ from, to }) => {
			const [importer, imported] = [roomOf(from), roomOf(to)];
			const allowed = may[importer];
			if (allowed === undefined) throw new Error(`${from} is in ${importer}, which has no row in the table`);
			return importer !== imported && !allowed.includes(imported);
		})
		.map(({ from, to }) => `${from} imports ${to}`);
}

/**
 * The circles, each as the sorted list of those that all reach each other: "A, B, C". In every folder its own files and
 * its folders (each with all that is in it) stand side by side, and no two of them may need each other. A circle of files
 * is found too, in the folder where their paths part.
 */
export function circles(imports: readonly Import[]): string[] {
	const folders = new Set(imports.flatMap(({ from }) => ancestors(from)));
	const found = [...folders].flatMap((folder) => {
		const inside = imports.filter(({ from, to }) => from.startsWith(folder) && to.startsWith(folder));
		return circlesOf(
			inside.map(({ from, to }) => [childOf(folder, from), childOf(folder, to)] as const).filter(([a, b]) => a !== b),
		);
	});
	return found.toSorted();
}

/** The folders that a file is in, from the root, which is "". */
function ancestors(file: string): string[] {
	const parts = file.split("/").slice(0, -1);
	return ["", ...parts.map((_, i) => `${parts.slice(0, i + 1).join("/")}/`)];
}

/** The file itself, or the folder in the given one that it is in, with a slash at its end. */
function childOf(folder: string, file: string): string {
	const slash = file.indexOf("/", folder.length);
	return slash < 0 ? file : file.slice(0, slash + 1);
}

function circlesOf(arrows: readonly (readonly [from: string, to: string])[]): string[] {
	const next = new Map<string, Set<string>>();
	for (const [from, to] of arrows) next.set(from, (next.get(from) ?? new Set()).add(to));
	const reached = new Map([...next.keys()].map((name) => [name, reachable(next, name)]));
	const groups = [...reached]
		.filter(([name, names]) => names.has(name))
		.map(([name, names]) =>
			[...names]
				.filter((other) => reached.get(other)?.has(name))
				.toSorted()
				.join(", "),
		);
	return [...new Set(groups)];
}

/** All that is reached by one step or more. */
function reachable(next: ReadonlyMap<string, ReadonlySet<string>>, start: string): ReadonlySet<string> {
	const seen = new Set<string>();
	const left = [start];
	for (let name = left.pop(); name !== undefined; name = left.pop()) {
		for (const other of next.get(name) ?? []) {
			if (seen.has(other)) continue;
			seen.add(other);
			left.push(other);
		}
	}
	return seen;
}
