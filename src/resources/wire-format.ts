/**
 * Protobuf's wire format, for the few messages that are written and read by hand because they are most
 * of what a push costs. Field numbers are up to 15, so a key takes one byte. Numbers have up to 32 bits.
 * https://protobuf.dev/programming-guides/encoding
 */

/** The key of a field that holds a number. */
export function numberKey(field: number): number {
	return field << 3;
}

/** The key of a field with a length: a text, bytes or a message. */
export function lengthKey(field: number): number {
	return (field << 3) | 2;
}

/** How many bytes the number takes. */
export function varintSize(value: number): number {
	return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;
}

/** @returns where it ends. */
export function writeVarint(to: Uint8Array, start: number, value: number): number {
	let at = start;
	let rest = value;
	for (; rest > 127; rest >>>= 7) to[at++] = (rest & 127) | 128;
	to[at++] = rest;
	return at;
}

/** The number that begins there. Bytes beyond the end count as 0, and bits beyond the 32nd are lost. */
export function varintAt(bytes: Uint8Array, start: number): number {
	let at = start;
	let byte = bytes[at++] ?? 0;
	let value = byte & 127;
	for (let shift = 7; byte > 127 && shift < 32; shift += 7) {
		byte = bytes[at++] ?? 0;
		value |= (byte & 127) << shift;
	}
	return value >>> 0;
}

/** How many bytes a number of 32 bits takes at most. */
export const MAX_VARINT = 5;

/** Where the number ends that begins there. One of more than 32 bits ends behind MAX_VARINT bytes. */
export function varintEnd(bytes: Uint8Array, start: number): number {
	let at = start;
	while (at - start < MAX_VARINT && (bytes[at] ?? 0) > 127) at++;
	return at + 1;
}

/** Where the content of a field with a length begins. @param at where the field begins. */
export function contentStart(bytes: Uint8Array, at: number): number {
	return varintEnd(bytes, at + 1);
}

/** Where a field with a length ends; beyond the bytes if they break off. @param at where it begins. */
export function fieldEnd(bytes: Uint8Array, at: number): number {
	const first = bytes[at + 1] ?? 0;
	// Almost all fields are short.
	if (first < 128) return at + 2 + first;
	return contentStart(bytes, at) + varintAt(bytes, at + 1);
}

/** A whole field that holds a number of 64 bits with a point. */
export function doubleField(field: number, value: number): Uint8Array {
	const bytes = new Uint8Array(9);
	bytes[0] = (field << 3) | 1;
	// There are two zeros, and nobody means the other one.
	new DataView(bytes.buffer).setFloat64(1, value + 0, true);
	return bytes;
}
