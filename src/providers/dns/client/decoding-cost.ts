/** A name may have so many labels (RFC 1035, section 2.3.4); other types of records hold two names at most. */
const MOST_LABELS = 127;
/** Where a record's data holds a name, by the record's type: NS, CNAME, PTR, MX, SRV. */
const NAME_AT: ReadonlyMap<number, number> = new Map([
	[2, 0],
	[5, 0],
	[12, 0],
	[15, 2],
	[33, 6],
]);
/** A, TXT, AAAA, OPT: no name. */
const NAMELESS: ReadonlySet<number> = new Set([1, 16, 28, 41]);

/**
 * Whether the names of a message have more labels than this, each counted as often as a pointer leads to it: a message of
 * 64 KiB can hold half a million, which no loop is to be held for. Of garbage it may say anything.
 */
export function hasMoreLabels(bytes: Buffer, most: number): boolean {
	let left = most;
	let offset = 12;
	/** @returns where the name ends, as it stands there. */
	const readName = (begin: number): number => {
		let end: number | undefined;
		let at = begin;
		while (left-- > 0) {
			const length = bytes[at];
			if (length === undefined) return bytes.length;
			if (length === 0) return end ?? at + 1;
			if ((length & 0xc0) === 0xc0) {
				end ??= at + 2;
				const to = ((length & 0x3f) << 8) | (bytes[at + 1] ?? 0);
				// Pointers lead back; another one is refused by whoever decodes it.
				if (to >= at) return end;
				at = to;
			} else at += length + 1;
		}
		return bytes.length;
	};
	if (bytes.length < offset) return false;
	for (let questions = bytes.readUInt16BE(4); questions > 0 && left > 0; questions--) offset = readName(offset) + 4;
	const records = bytes.readUInt16BE(6) + bytes.readUInt16BE(8) + bytes.readUInt16BE(10);
	for (let i = 0; i < records && left > 0; i++) {
		offset = readName(offset);
		if (offset + 10 > bytes.length) return left < 0;
		const type = bytes.readUInt16BE(offset);
		const data = offset + 10;
		const nameAt = NAME_AT.get(type);
		if (nameAt !== undefined) readName(data + nameAt);
		else if (!NAMELESS.has(type)) left -= 2 * MOST_LABELS;
		offset = data + bytes.readUInt16BE(offset + 8);
	}
	return left < 0;
}
