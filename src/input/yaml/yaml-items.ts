export interface YamlItems {
	/** What stands before the first item. */
	readonly head: string;
	/** Of each item its lines as they stand, and the empty ones and comments after them. */
	readonly items: readonly string[];
}

/**
 * A text cut into the items of the list that it is, one that begins in the first column. Undefined where it is none. In
 * the text of a subset (see readYamlSubset) an item means the same whatever stands around it.
 */
export function yamlItems(text: string): YamlItems | undefined {
	const starts: number[] = [];
	for (let at = 0; at < text.length; ) {
		switch (text[at]) {
			case "-":
				if (text[at + 1] === " ") starts.push(at);
				// The mark of a document's start.
				else if (starts.length > 0 || !text.startsWith("---\n", at)) return undefined;
				break;
			case " ":
			case "#":
			case "\n":
				break;
			default:
				return undefined;
		}
		const end = text.indexOf("\n", at);
		at = end < 0 ? text.length : end + 1;
	}
	if (starts.length === 0) return undefined;
	return { head: text.slice(0, starts[0]), items: starts.map((start, i) => text.slice(start, starts[i + 1])) };
}
