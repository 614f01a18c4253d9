import {
	type Document,
	isAlias,
	isMap,
	isScalar,
	isSeq,
	LineCounter,
	type Node,
	type Pair,
	parseDocument,
	type YAMLMap,
} from "yaml";
import { messageOf } from "../../util/errors.js";
import { formatPath, type Problem } from "../problem.js";
import { plainScalar } from "./yaml-scalar.js";

/**
 * Replaces variables in a scalar's text; the same text if there are none.
 * @throws Error with the reason if a variable has no value.
 */
export type Substitute = (text: string) => string;

type KeyValue = Pair<Node, Node | null>;

/** A YAML or JSON text that knows where each of its values stands. */
export class YamlDocument {
	readonly #file: string;
	readonly #lines = new LineCounter();
	readonly #problems: Problem[] = [];
	readonly #substitute: Substitute | undefined;
	#document: Document.Parsed | undefined;
	#broken = false;
	#value: unknown;
	readonly #index = new Map<YAMLMap, ReadonlyMap<string, KeyValue>>();

	/** @param file its name in the problems. */
	constructor(text: string, file: string, substitute?: Substitute) {
		this.#file = file;
		this.#substitute = substitute;
		try {
			this.#read(text.startsWith("\uFEFF") ? text.slice(1) : text);
		} catch (error) {
			// A parser that gives up (a text nested thousands deep ends its stack, too many aliases) is a broken text.
			this.#breakAt(0, `cannot be read as YAML: ${messageOf(error)}`);
		}
	}

	/** What is wrong with the text itself: syntax, duplicate keys, variables without a value. */
	get problems(): readonly Problem[] {
		return this.#problems;
	}

	/** Whether the text is no YAML at all, so that its value means nothing. */
	get broken(): boolean {
		return this.#broken;
	}

	/** Plain objects, arrays, texts, numbers, booleans and null. */
	get value(): unknown {
		return this.#value;
	}

	/** A problem at the value with this path, or at its key; what is missing is placed at what it is missing from. */
	problem(path: readonly PropertyKey[], at: "key" | "value", message: string): Problem {
		return this.#place(this.#offset(path, at), path, message);
	}

	#read(text: string): void {
		const document = parseDocument(text, {
			lineCounter: this.#lines,
			prettyErrors: false,
			// Below this a second document would be passed over.
			logLevel: "error",
			// Found below, in linear time and with the place of the first.
			uniqueKeys: false,
		});
		this.#document = document;
		// A warning is a tag or directive that is not understood: what it would have meant is lost, so it is refused.
		for (const error of [...document.errors, ...document.warnings]) {
			const inVariable = this.#substitute && text.slice(error.pos[0] - 1, error.pos[0] + 1) === "${";
			const message = inVariable
				? `put \${…} in quotes here, inside of { } or [ ]`
				: explain(error.code, error.message);
			this.#breakAt(error.pos[0], message);
		}
		if (this.#broken) return;
		if (document.contents === null) {
			this.#breakAt(0, "the file is empty");
			return;
		}
		this.#walk(document.contents, []);
		if (!this.#broken) this.#value = document.toJS({ maxAliasCount: 100 });
	}

	#walk(node: Node, path: PropertyKey[]): void {
		if (isMap(node)) {
			this.#walkMap(node.items as KeyValue[], path);
		} else if (isSeq(node)) {
			node.items.forEach((item, index) => {
				path.push(index);
				this.#walk(item as Node, path);
				path.pop();
			});
		} else if (isScalar(node) && typeof node.value === "string" && this.#substitute) {
			try {
				const text = this.#substitute(node.value);
				if (text !== node.value) node.value = node.type === "PLAIN" ? plainScalar(text) : text;
			} catch (error) {
				this.#problems.push(this.#place(node.range?.[0] ?? 0, path, messageOf(error)));
			}
		} else if (isAlias(node) && this.#resolve(node) === undefined) {
			this.#breakAt(node.range?.[0] ?? 0, `there is no anchor &${node.source} before this alias`);
		}
	}

	#walkMap(items: readonly KeyValue[], path: PropertyKey[]): void {
		const seen = new Map<string, number>();
		for (const { key, value } of items) {
			const offset = key?.range?.[0] ?? value?.range?.[0] ?? 0;
			if (!isScalar(key) || (key.value === null && !key.source)) {
				this.#breakAt(offset, "a key must be a text");
				continue;
			}
			// `1.10: x` and `true: x` are keys as they are written, not the number 1.1 and a boolean.
			if (typeof key.value !== "string") key.value = key.source ?? String(key.value);
			const name = key.value as string;
			const first = seen.get(name);
			path.push(name);
			if (first !== undefined) {
				const { line } = this.#lines.linePos(first);
				this.#problems.push(this.#place(offset, path, `this key is there twice; the first is in line ${line}`));
			} else if (name === "__proto__") {
				this.#problems.push(this.#place(offset, path, 'the key "__proto__" is not allowed'));
			} else {
				seen.set(name, offset);
			}
			if (value) this.#walk(value, path);
			path.pop();
		}
	}

	#offset(path: readonly PropertyKey[], at: "key" | "value"): number {
		let node = this.#resolve(this.#document?.contents);
		let offset = node?.range?.[0] ?? 0;
		for (const [index, part] of path.entries()) {
			let next: unknown;
			if (isMap(node)) {
				const pair = this.#pairs(node).get(String(part));
				if (!pair) break;
				next = pair.value;
				const wantsKey = at === "key" && index === path.length - 1;
				// A key with nothing behind it: the nothing has a place too, but the key is what one looks for.
				if (wantsKey || isNothing(next)) offset = pair.key.range?.[0] ?? offset;
				else offset = (next as Node).range?.[0] ?? offset;
			} else if (isSeq(node) && typeof part === "number") {
				next = node.items[part];
				offset = (next as Node | undefined)?.range?.[0] ?? offset;
			} else {
				break;
			}
			node = this.#resolve(next as Node | null | undefined);
		}
		return offset;
	}

	/** A map's pairs by key, kept: the problems of ten thousand items must not search a long map ten thousand times. */
	#pairs(map: YAMLMap): ReadonlyMap<string, KeyValue> {
		let pairs = this.#index.get(map);
		if (!pairs) {
			const items = map.items as KeyValue[];
			// The first of a key stays, as in the value.
			pairs = new Map(items.toReversed().map((pair) => [isScalar(pair.key) ? String(pair.key.value) : "", pair]));
			this.#index.set(map, pairs);
		}
		return pairs;
	}

	#resolve(node: Node | null | undefined): Node | null | undefined {
		return isAlias(node) && this.#document ? node.resolve(this.#document) : node;
	}

	#breakAt(offset: number, message: string): void {
		this.#broken = true;
		const problem = this.#place(offset, [], message);
		// What a parser finds after its first error in a line is mostly that error again.
		if (this.#problems.some((p) => p.line === problem.line)) return;
		this.#problems.push(problem);
	}

	#place(offset: number, path: readonly PropertyKey[], message: string): Problem {
		// Before the first line is counted (an empty text), everything is at its start.
		const { line, col } = this.#lines.lineStarts.length > 0 ? this.#lines.linePos(offset) : { line: 1, col: 1 };
		return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1), path: formatPath(path), message };
	}
}

function isNothing(node: unknown): boolean {
	return node === null || (isScalar(node) && node.value === null && !node.source);
}

/** The parser's own words, except where they speak of its functions or leave out what to do. */
function explain(code: string, message: string): string {
	switch (code) {
		case "MULTIPLE_DOCS":
			return "only one document is allowed; remove the --- between them";
		case "TAB_AS_INDENT":
			return "a tab is not allowed as indentation; use spaces";
		default:
			return `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
	}
}
