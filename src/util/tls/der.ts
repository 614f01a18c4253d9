/** Tags that are looked for. */
export const TAGS = { integer: 0x02, sequence: 0x30, version: 0xa0 } as const;

/** A value within its encoding. */
export interface Element {
	readonly tag: number;
	/** Where its content begins, and ends. */
	readonly from: number;
	readonly to: number;
}

/** The value that begins there. @throws Error if it is not whole. */
export function elementAt(der: Buffer, at: number, end = der.length): Element {
	const tag = der[at];
	const first = der[at + 1];
	if (tag === undefined || first === undefined) throw new Error("it is cut off");
	const more = first < 0x80 ? 0 : first & 0x7f;
	if (more > 4 || (first >= 0x80 && more === 0) || at + 2 + more > end) throw new Error("it is no DER");
	const length = more === 0 ? first : der.readUIntBE(at + 2, more);
	const from = at + 2 + more;
	if (from + length > end) throw new Error("it is cut off");
	return { tag, from, to: from + length };
}

/** The values within one, one after the other. @throws Error if one is not whole. */
export function* elementsIn(der: Buffer, { from, to }: Element): Generator<Element, void, undefined> {
	for (let at = from; at < to; ) {
		const element = elementAt(der, at, to);
		yield element;
		at = element.to;
	}
}

/** Its bytes, each a character. */
export function contentOf(der: Buffer, { from, to }: Element): string {
	return der.toString("latin1", from, to);
}
