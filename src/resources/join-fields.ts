import { lengthKey, varintSize, writeVarint } from "./wire-format.js";

/** A field number up to 15 and what stands in it: a text, raw bytes, or another message. */
export type Field = readonly [number: number, content: string | Uint8Array | Message];

/** Longer texts are written by Node. */
const SHORT_TEXT = 64;

/** A message of fields that have a length each. Its own length is found once, however deep it is nested. */
export class Message {
	readonly fields: readonly Field[];
	/** In bytes. */
	readonly length: number;

	constructor(fields: readonly Field[]) {
		this.fields = fields;
		let sum = 0;
		for (const [, content] of fields) {
			const length = lengthOf(content);
			sum += 1 + varintSize(length) + length;
		}
		this.length = sum;
	}
}

/** Encodes a message in one piece. */
export function joinFields(fields: readonly Field[]): Uint8Array {
	const message = new Message(fields);
	const bytes = new Uint8Array(message.length);
	write(bytes, 0, message);
	return bytes;
}

/** @returns where it ends. */
function write(to: Uint8Array, start: number, { fields }: Message): number {
	let at = start;
	for (const [number, content] of fields) {
		const length = lengthOf(content);
		to[at++] = lengthKey(number);
		at = writeVarint(to, at, length);
		if (typeof content === "string") writeText(to, at, content, length);
		else if (content instanceof Message) write(to, at, content);
		else to.set(content, at);
		at += length;
	}
	return at;
}

function lengthOf(content: string | Uint8Array | Message): number {
	return typeof content === "string" ? Buffer.byteLength(content) : content.length;
}

/** @param length in bytes. */
function writeText(to: Uint8Array, at: number, text: string, length: number): void {
	// Most texts are short ASCII, for which nothing in Node is as quick.
	if (length === text.length && length <= SHORT_TEXT) for (let i = 0; i < length; i++) to[at + i] = text.charCodeAt(i);
	else to.set(Buffer.from(text), at);
}
