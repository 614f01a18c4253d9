import { blockKeyOf } from "./yaml-subset.js";

/** One key of a block map with all that belongs to it. */
export interface YamlBlock {
	readonly key: string;
	/** Its lines as they stand, and the empty ones and comments after them. */
	readonly text: string;
}

export interface YamlBlocks {
	/** What stands before the map's own key. */
	readonly head: string;
	/** The line of that key, and the comments after it. */
	readonly opening: string;
	readonly blocks: readonly YamlBlock[];
	/** What stands after them. */
	readonly tail: string;
}

/**
 * A text cut into the entries of the block map that stands under a key of the first column. Undefined where it has none
 * that can be told by the indentation alone. In the text of a subset (see readYamlSubset) a block means the same whatever
 * stands around it.
 */
export function yamlBlocks(text: string, key: string): YamlBlocks | undefined {
	const found = new RegExp(`^${key}: *(?:#.*)?\\n`, "m").exec(text);
	if (!found) return undefined;
	const start = found.index + found[0].length;
	const starts: number[] = [];
	let column: number | undefined;
	let at = start;
	while (at < text.length) {
		const first = firstOf(text, at);
		const character = text[first];
		if (character !== undefined && character !== "\n" && character !== "#") {
			if (first === at) break;
			column ??= first - at;
			if (first - at < column) return undefined;
			// A list may stand in its key's own column.
			if (first - at === column && !text.startsWith("- ", first)) starts.push(at);
		}
		const end = text.indexOf("\n", first);
		at = end < 0 ? text.length : end + 1;
	}
	if (column === undefined) return undefined;
	const blocks: YamlBlock[] = [];
	for (const [i, from] of starts.entries()) {
		const blockKey = blockKeyOf(text, from + column);
		if (blockKey === undefined) return undefined;
		blocks.push({ key: blockKey, text: text.slice(from, starts[i + 1] ?? at) });
	}
	const opening = text.slice(found.index, starts[0] ?? at);
	return { head: text.slice(0, found.index), opening, blocks, tail: text.slice(at) };
}

/** Where the first character of the line stands that is not a space. */
function firstOf(text: string, start: number): number {
	let at = start;
	while (text.charCodeAt(at) === 32) at++;
	return at;
}
