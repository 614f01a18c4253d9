/** An object of Kubernetes nests some ten deep; what nests deeper is none, and costs a parser its time. */
const DEEPEST = 64;
/** Characters of one item: etcd takes objects of 1.5 MB by default. One item is parsed at once. */
export const LONGEST_ITEM = 4 << 20;
/** Characters around the items: kind, metadata. */
const LONGEST_ENVELOPE = 1 << 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Cuts the JSON of a list into its items as it comes, so that none of it waits for the end and no parser holds the loop
 * for longer than one item takes.
 */
export class ListScanner {
	readonly #item: string[] = [];
	readonly #envelope: string[] = [];
	#itemLength = 0;
	#envelopeLength = 0;
	#depth = 0;
	/** Within a text; `true`: after a backslash. */
	#text: { escaped: boolean } | undefined;
	/** The last text that stood in the outermost object, quotes included. */
	#word = "";
	/** Whether this is between the brackets of `items`. */
	#within = false;

	/**
	 * @returns the items that end in this piece, as JSON.
	 * @throws RangeError for what is too long or nests too deep.
	 */
	push(piece: string): string[] {
		const items: string[] = [];
		let from = 0;
		for (let i = 0; i < piece.length; i++) {
			if (this.#text) {
				i = this.#skipText(piece, i);
				continue;
			}
			switch (piece.charCodeAt(i)) {
				case QUOTE:
					this.#text = { escaped: false };
					if (this.#depth === 1) this.#word = "";
					break;
				case 0x7b: // {
				case 0x5b: // [
					if (this.#within && this.#depth === 2) {
						this.#keep(piece.slice(from, i), "envelope");
						from = i;
					}
					if (++this.#depth > DEEPEST) throw new RangeError(`it nests deeper than ${DEEPEST}`);
					if (this.#depth === 2 && piece[i] === "[" && this.#word === "items") {
						this.#keep(piece.slice(from, i + 1), "envelope");
						from = i + 1;
						this.#within = true;
					}
					break;
				case 0x7d: // }
				case 0x5d: // ]
					this.#depth--;
					if (this.#within && this.#depth === 2) {
						this.#keep(piece.slice(from, i + 1), "item");
						from = i + 1;
						items.push(this.#item.splice(0).join(""));
						this.#itemLength = 0;
					} else if (this.#depth === 1) this.#within = false;
					break;
				case 0x2c: // A comma between items belongs to none.
					if (this.#within && this.#depth === 2) {
						this.#keep(piece.slice(from, i), "envelope");
						from = i + 1;
					}
					break;
			}
		}
		this.#keep(piece.slice(from), this.#within && this.#depth > 2 ? "item" : "envelope");
		return items;
	}

	/** All but the items, as JSON: their list is empty, unless something else than objects stood in it. */
	get envelope(): string {
		return this.#envelope.join("");
	}

	/** @returns the place of the text's end, or of the piece's. */
	#skipText(piece: string, begin: number): number {
		const text = this.#text as { escaped: boolean };
		let i = begin;
		for (; i < piece.length; i++) {
			const code = piece.charCodeAt(i);
			if (text.escaped) text.escaped = false;
			else if (code === BACKSLASH) text.escaped = true;
			else if (code === QUOTE) break;
		}
		if (this.#depth === 1 && this.#word.length <= 5) this.#word += piece.slice(begin, i);
		if (i < piece.length) this.#text = undefined;
		return i;
	}

	#keep(text: string, what: "item" | "envelope"): void {
		if (text === "") return;
		if (what === "item") {
			this.#itemLength += text.length;
			if (this.#itemLength > LONGEST_ITEM) throw new RangeError(`an item is longer than ${LONGEST_ITEM} characters`);
			this.#item.push(text);
			return;
		}
		this.#envelopeLength += text.length;
		if (this.#envelopeLength > LONGEST_ENVELOPE) throw new RangeError("there is too much beside the items");
		this.#envelope.push(text);
	}
}

/** Whether a text of JSON nests no deeper than an object of Kubernetes may. */
export function nestsDeep(json: string): boolean {
	let depth = 0;
	for (let i = 0; i < json.length; i++) {
		const code = json.charCodeAt(i);
		if (code === 0x7b || code === 0x5b) {
			if (++depth > DEEPEST) return true;
		} else if (code === 0x7d || code === 0x5d) depth--;
		else if (code === QUOTE) {
			for (i++; i < json.length && json.charCodeAt(i) !== QUOTE; i++) if (json.charCodeAt(i) === BACKSLASH) i++;
		}
	}
	return false;
}
