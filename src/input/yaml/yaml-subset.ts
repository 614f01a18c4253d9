import type { Substitute } from "./yaml-document.js";
import { plainScalar } from "./yaml-scalar.js";

/**
 * Reads the part of YAML that configs are mostly written in, many times quicker than a whole parser: block maps and
 * lists indented by spaces, flow maps and lists (so JSON too), scalars on one line, comments. Undefined where the text
 * has anything else (anchors, tags, block scalars, escapes, tabs, duplicate keys, errors …): then the whole parser
 * decides. What it does read means the same there.
 */
export function readYamlSubset(text: string, substitute?: Substitute): { readonly value: unknown } | undefined {
	try {
		return { value: new SubsetReader(text, substitute).read() };
	} catch (error) {
		if (error === LEAVE || error instanceof RangeError) return undefined;
		throw error;
	}
}

/** The key that stands there, as a block map has them: plain, or quoted without escapes. */
export function blockKeyOf(text: string, at: number): string | undefined {
	BLOCK_KEY.lastIndex = at;
	const match = BLOCK_KEY.exec(text);
	return match ? (match[1] ?? match[2] ?? match[3]) : undefined;
}

/** Thrown to leave the text to the whole parser; a value, because an Error's stack would cost more than the reading. */
const LEAVE = Symbol("not of the subset");

type Values = Record<string, unknown>;

/** A key in a block: quoted without escapes or plain, then a colon and a space or the line's end. */
const BLOCK_KEY = /(?:"([^"\\\n\r]*)"|'([^'\n\r]*)'|([A-Za-z0-9_][A-Za-z0-9_./:-]*?)):(?=[ \n]|$)/y;
const FLOW_KEY = /(?:"([^"\\\n\r]*)" *:|'([^'\n\r]*)' *:|([A-Za-z0-9_][A-Za-z0-9_./-]*):(?=[ \n]))/y;
const QUOTED = /"([^"\\\n\r]*)"|'([^'\n\r]*)'/y;
const BLOCK_PLAIN = /(?:[A-Za-z0-9_./+$~]|-(?=[0-9]))[^\n]*/y;
/** No `$` first: in a flow collection `${` would open a map. */
const FLOW_PLAIN =
	/(?:[A-Za-z0-9_./+~]|-(?=[0-9]))(?:[A-Za-z0-9_./+~@%=()-]|:(?=[A-Za-z0-9_./])| (?=[A-Za-z0-9_./]))*/y;
const BLOCK_PLAIN_CHARACTERS = /^[\w./+$~@%=,;(){}<>*&!?|^:# -]*$/;

class SubsetReader {
	readonly #text: string;
	readonly #substitute: Substitute | undefined;
	#at = 0;
	/** The column of the token at #at, as far as the block structure goes. */
	#column = 0;

	constructor(text: string, substitute: Substitute | undefined) {
		const bare = text.startsWith("\uFEFF") ? text.slice(1) : text;
		const lines = bare.includes("\r") ? bare.replaceAll("\r\n", "\n") : bare;
		this.#text = lines.startsWith("---\n") ? lines.slice(4) : lines;
		this.#substitute = substitute;
		// Control characters, tabs and lone carriage returns anywhere, and non-ASCII text outside of quotes and comments
		// (which the patterns leave out), are for the whole parser.
		if (/[^\n\x20-\x7e\u00a1-\ud7ff\ue000-\ufefe]/.test(this.#text)) throw LEAVE;
		if (/^(?:---|\.\.\.|%)/m.test(this.#text)) throw LEAVE;
	}

	read(): unknown {
		if (!this.#nextLine()) throw LEAVE;
		const value = this.#block(-1);
		if (this.#at < this.#text.length) throw LEAVE;
		return value;
	}

	/** Goes on to the next line with content, and its column; false at the end of the text. */
	#nextLine(): boolean {
		const text = this.#text;
		for (;;) {
			const start = this.#at;
			while (text[this.#at] === " ") this.#at++;
			if (this.#at >= text.length) return false;
			const character = text[this.#at];
			if (character === "#") {
				const end = text.indexOf("\n", this.#at);
				this.#at = end < 0 ? text.length : end + 1;
			} else if (character === "\n") {
				this.#at++;
			} else {
				this.#column = this.#at - start;
				return true;
			}
		}
	}

	/** After a value: only a comment may follow on its line. */
	#endLine(): void {
		const text = this.#text;
		const start = this.#at;
		while (text[this.#at] === " ") this.#at++;
		if (this.#at >= text.length) return;
		if (text[this.#at] === "#" && this.#at > start) {
			const end = text.indexOf("\n", this.#at);
			this.#at = end < 0 ? text.length : end;
		}
		if (this.#at < text.length && text[this.#at] !== "\n") throw LEAVE;
	}

	/** The block that begins here, deeper than its parent. */
	#block(parent: number): unknown {
		if (this.#column <= parent) throw LEAVE;
		if (this.#isItem()) return this.#list(this.#column);
		const key = this.#match(BLOCK_KEY);
		if (key !== undefined) return this.#map(this.#column, key);
		// A scalar or flow collection on lines of its own: only as the whole text (JSON).
		const first = this.#text[this.#at];
		if (parent >= 0 || (first !== "{" && first !== "[")) throw LEAVE;
		const value = this.#flow(-1);
		this.#endLine();
		this.#nextLine();
		return value;
	}

	#isItem(): boolean {
		const next = this.#text[this.#at + 1];
		return this.#text[this.#at] === "-" && (next === " " || next === "\n" || next === undefined);
	}

	#list(column: number): unknown[] {
		const items: unknown[] = [];
		do {
			this.#at++;
			const start = this.#at;
			while (this.#text[this.#at] === " ") this.#at++;
			const inner = column + 1 + this.#at - start;
			const character = this.#text[this.#at];
			if (character === undefined || character === "\n" || character === "#" || this.#isItem()) throw LEAVE;
			const key = this.#match(BLOCK_KEY);
			if (key !== undefined) {
				items.push(this.#map(inner, key));
			} else {
				items.push(this.#inline(column));
				if (!this.#nextLine()) return items;
				if (this.#column > column) throw LEAVE;
			}
			if (this.#at >= this.#text.length) return items;
		} while (this.#column === column && this.#isItem());
		return items;
	}

	/** The map whose first key has just been read; its keys stand in this column. */
	#map(column: number, first: string): Values {
		const map: Values = {};
		let key: string | undefined = first;
		for (;;) {
			add(map, key, this.#value(column));
			if (this.#at >= this.#text.length || this.#column < column) return map;
			if (this.#column > column || this.#isItem()) throw LEAVE;
			key = this.#match(BLOCK_KEY);
			if (key === undefined) throw LEAVE;
		}
	}

	/** What stands behind a key; then the next line is current. */
	#value(column: number): unknown {
		while (this.#text[this.#at] === " ") this.#at++;
		const character = this.#text[this.#at];
		if (character !== undefined && character !== "\n" && character !== "#") {
			const value = this.#inline(column);
			if (this.#nextLine() && this.#column > column) throw LEAVE;
			return value;
		}
		this.#endLine();
		if (!this.#nextLine() || this.#column < column) return null;
		if (this.#column > column) return this.#block(column);
		// A list may stand in its key's own column.
		return this.#isItem() ? this.#list(column) : null;
	}

	/** A scalar or flow collection, and the end of its line. */
	#inline(column: number): unknown {
		const character = this.#text[this.#at];
		if (character === "{" || character === "[") {
			const value = this.#flow(column);
			this.#endLine();
			return value;
		}
		const quoted = this.#match(QUOTED);
		if (quoted !== undefined) {
			this.#endLine();
			return this.#scalar(quoted, false);
		}
		const line = this.#raw(BLOCK_PLAIN);
		if (line === undefined) throw LEAVE;
		const comment = line.indexOf(" #");
		const plain = (comment < 0 ? line : line.slice(0, comment)).trimEnd();
		if (!BLOCK_PLAIN_CHARACTERS.test(plain) || plain.includes(": ") || plain.endsWith(":")) throw LEAVE;
		return this.#scalar(plain, true);
	}

	/** A flow collection. Its lines must be deeper than the block that it stands in. */
	#flow(column: number): unknown {
		return this.#text[this.#at] === "{" ? this.#flowMap(column) : this.#flowList(column);
	}

	#flowMap(column: number): Values {
		const map: Values = {};
		this.#at++;
		if (this.#flowSpace(column) === "}") return this.#close(map);
		for (;;) {
			const key = this.#match(FLOW_KEY);
			if (key === undefined) throw LEAVE;
			this.#flowSpace(column);
			add(map, key, this.#flowValue(column));
			if (this.#flowSpace(column) === "}") return this.#close(map);
			if (this.#text[this.#at] !== ",") throw LEAVE;
			this.#at++;
			this.#flowSpace(column);
		}
	}

	#flowList(column: number): unknown[] {
		const list: unknown[] = [];
		this.#at++;
		if (this.#flowSpace(column) === "]") return this.#close(list);
		for (;;) {
			list.push(this.#flowValue(column));
			if (this.#flowSpace(column) === "]") return this.#close(list);
			if (this.#text[this.#at] !== ",") throw LEAVE;
			this.#at++;
			this.#flowSpace(column);
		}
	}

	#close<T>(collection: T): T {
		this.#at++;
		return collection;
	}

	#flowValue(column: number): unknown {
		const character = this.#text[this.#at];
		if (character === "{" || character === "[") return this.#flow(column);
		const quoted = this.#match(QUOTED);
		if (quoted !== undefined) return this.#scalar(quoted, false);
		const plain = this.#raw(FLOW_PLAIN);
		if (plain === undefined) throw LEAVE;
		const next = this.#flowSpace(column);
		if (next !== "," && next !== "}" && next !== "]") throw LEAVE;
		return this.#scalar(plain, true);
	}

	/** Skips spaces, and lines that are deep enough; gives the next character. */
	#flowSpace(column: number): string | undefined {
		const text = this.#text;
		while (text[this.#at] === " ") this.#at++;
		while (text[this.#at] === "\n") {
			const start = ++this.#at;
			while (text[this.#at] === " ") this.#at++;
			if (text[this.#at] !== "\n" && this.#at - start <= column) throw LEAVE;
		}
		if (text[this.#at] === "#") throw LEAVE;
		return text[this.#at];
	}

	#scalar(text: string, plain: boolean): unknown {
		if (!this.#substitute || !text.includes("$")) return plain ? plainScalar(text) : text;
		let replaced: string;
		try {
			replaced = this.#substitute(text);
		} catch {
			// The whole parser meets the same error, and tells it with its place.
			throw LEAVE;
		}
		return plain ? plainScalar(replaced) : replaced;
	}

	#raw(pattern: RegExp): string | undefined {
		pattern.lastIndex = this.#at;
		const match = pattern.exec(this.#text);
		if (!match) return undefined;
		this.#at = pattern.lastIndex;
		return match[0];
	}

	/** The pattern's only group that matched. */
	#match(pattern: RegExp): string | undefined {
		pattern.lastIndex = this.#at;
		const match = pattern.exec(this.#text);
		if (!match) return undefined;
		this.#at = pattern.lastIndex;
		return match[1] ?? match[2] ?? match[3];
	}
}

function add(map: Values, key: string, value: unknown): void {
	// Keys of more than 1024 characters need a `?` in YAML.
	if (key === "__proto__" || key.length > 1_000 || Object.hasOwn(map, key)) throw LEAVE;
	map[key] = value;
}
