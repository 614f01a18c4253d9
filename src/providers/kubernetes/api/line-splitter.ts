/** Splits text that arrives in pieces into lines. */
export class LineSplitter {
	readonly #most: number;
	#pieces: string[] = [];
	#length = 0;

	/** @param most the longest line, in characters. */
	constructor(most: number) {
		this.#most = most;
	}

	/** The text after the last line break. */
	get rest(): string {
		return this.#pieces.join("");
	}

	/**
	 * The lines that end in this piece, without empty ones.
	 * @throws RangeError if a line is too long
	 */
	push(piece: string): string[] {
		const end = piece.indexOf("\n");
		if (end < 0) {
			this.#keep(piece);
			return [];
		}
		const lines = piece.split("\n");
		lines[0] = this.rest + lines[0];
		this.#pieces = [];
		this.#length = 0;
		this.#keep(lines.pop() ?? "");
		return lines.filter((line) => line.trim() !== "");
	}

	#keep(piece: string): void {
		if (piece === "") return;
		this.#length += piece.length;
		if (this.#length > this.#most) throw new RangeError(`a line is longer than ${this.#most} characters`);
		this.#pieces.push(piece);
	}
}
