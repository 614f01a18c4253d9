import { type Event, parseEvents, YAMLException } from "js-yaml";
import { type Finding, fileProblem, formatPath, MAX_PROBLEMS, type PlacedProblem } from "../problem.js";
import { type Environment, environmentSubstitute, withoutValue } from "../variables.js";
import { composeYaml, type TellYaml } from "./compose-yaml.js";
import { looksLikeJson, readJson } from "./json-text.js";
import { SourceLines } from "./source-lines.js";
import { hasTooMany, MAX_VALUES } from "./text-size.js";
import { findNode, type YamlNode } from "./yaml-node.js";
import { MAX_DEPTH, problemOf } from "./yaml-words.js";

export interface ReadTextOptions {
	/** The file's name in the problems. */
	readonly file: string;
	/** What `${VAR}` in values stands for; without it `$` means nothing. */
	readonly variables?: Environment | undefined;
	/** How many items the text may have if it is a list; without it, any number. */
	readonly maxItems?: number | undefined;
}

export interface TextRead {
	/** Plain objects, arrays, texts, numbers, booleans and null. What aliases repeat is the very same object. */
	readonly value: unknown;
	/** What is wrong with the text itself: syntax, duplicate keys, variables without a value. */
	readonly problems: readonly PlacedProblem[];
	/** Whether the text is no YAML at all, so that its value means nothing. */
	readonly broken: boolean;
	/** How many items there are, where that is more than `maxItems`: then they are not handed over. */
	readonly tooMany?: number;
}

/** Reads a text as JSON if it is, as YAML 1.2 otherwise. Never throws; the time it takes is linear. */
export function readText(text: string, options: ReadTextOptions): TextRead {
	const read = readValue(text, options);
	const { maxItems = Number.POSITIVE_INFINITY } = options;
	const count = Array.isArray(read.value) ? read.value.length : 0;
	return count > maxItems ? { value: undefined, problems: [], broken: true, tooMany: count } : read;
}

function readValue(text: string, { file, variables }: ReadTextOptions): TextRead {
	const bare = withoutMark(text);
	if (hasTooMany(bare)) return { value: undefined, problems: [fileProblem(file, TOO_MANY)], broken: true };
	if (looksLikeJson(bare)) {
		const json = readJson(bare, variables && environmentSubstitute(variables));
		if (json) return { ...json, problems: [], broken: false };
	}
	const { root, problems, broken } = new YamlText(bare, { file, variables }, false);
	return { value: root?.value, problems, broken };
}

/** The findings at their places in the text that they are of. */
export function placeFindings(text: string, findings: readonly Finding[], options: ReadTextOptions): PlacedProblem[] {
	const read = new YamlText(withoutMark(text), options, true);
	return findings.map((finding) => read.place(finding));
}

/** A finding whose place cannot be told, nor whether its value came of variables. */
export function unplaced(
	{ path, message }: Finding,
	text: string,
	{ file, variables }: ReadTextOptions,
): PlacedProblem {
	const told = variables && text.includes("$") ? "is not valid" : message;
	return { ...fileProblem(file, told), path: formatPath(path) };
}

const TOO_MANY = `has more values than can be read (${MAX_VALUES.toLocaleString("en")}); make it smaller`;

function withoutMark(text: string): string {
	return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** A text read as YAML, so that it is known where each of its values stands. */
class YamlText {
	readonly problems: PlacedProblem[] = [];
	readonly root: YamlNode | undefined;
	broken = false;
	readonly #options: ReadTextOptions;
	readonly #file: string;
	readonly #text: string;
	#lines: SourceLines | undefined;

	constructor(text: string, options: ReadTextOptions, places: boolean) {
		const { file, variables } = options;
		this.#text = text;
		this.#options = options;
		this.#file = file;
		const events = this.#parse(text, variables !== undefined);
		if (!events) return;
		this.root = composeYaml(text, events, {
			substitute: variables && environmentSubstitute(variables),
			tell: this.#tell,
			places,
			lineOf: (offset) => this.#placeOf(offset).line,
		});
		// Nothing but comments, or nothing at all.
		if (!this.root || (this.root.offset < 0 && this.root.value === null)) this.#tell(0, [], "the file is empty", true);
	}

	place(finding: Finding): PlacedProblem {
		// A JSON text that cannot be read as YAML: its values have no places.
		if (!this.root) return unplaced(finding, this.#text, this.#options);
		const { path, at, message } = finding;
		const { offset, node } = findNode(this.root, path, at);
		const replaced = at === "value" ? node?.replaced : undefined;
		const told = replaced ? `${withoutValue(message, replaced.text)}; it comes from ${replaced.written}` : message;
		return { file: this.#file, ...this.#placeOf(offset), path: formatPath(path), message: told };
	}

	#parse(text: string, hasVariables: boolean): readonly Event[] | undefined {
		try {
			return parseEvents(text, { maxDepth: MAX_DEPTH });
		} catch (error) {
			if (!(error instanceof YAMLException)) throw error;
			const { offset, message } = problemOf(error, text, hasVariables);
			this.#tell(offset, [], message, true);
			return undefined;
		}
	}

	readonly #tell: TellYaml = (offset, path, message, broken) => {
		if (broken) this.broken = true;
		if (this.problems.length >= MAX_PROBLEMS) return;
		const place = this.#placeOf(Math.max(offset, 0));
		// What follows the first error of a line is mostly that error again.
		if (broken && this.problems.at(-1)?.line === place.line) return;
		this.problems.push({ file: this.#file, ...place, path: formatPath(path), message });
	};

	#placeOf(offset: number): { readonly line: number; readonly column: number } {
		this.#lines ??= new SourceLines(this.#text);
		return this.#lines.placeOf(offset);
	}
}
