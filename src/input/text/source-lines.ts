/** Where the lines of a text begin; a line ends with LF, CRLF or a lone CR, as in YAML. */
export class SourceLines {
	readonly #starts: readonly number[];

	constructor(text: string) {
		const starts = [0];
		for (const { index, 0: end } of text.matchAll(/\r\n?|\n/g)) starts.push(index + end.length);
		this.#starts = starts;
	}

	/** Line and column of an offset, both from 1. */
	placeOf(offset: number): { readonly line: number; readonly column: number } {
		let [low, high] = [0, this.#starts.length - 1];
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if ((this.#starts[middle] as number) <= offset) low = middle;
			else high = middle - 1;
		}
		return { line: low + 1, column: offset - (this.#starts[low] as number) + 1 };
	}
}
