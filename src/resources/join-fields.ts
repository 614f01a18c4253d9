/** A field number up to 15 and what stands in it: a text or raw bytes, or another message. */
export type Field = readonly [number: number, content: Uint8Array | Message];

/** Fields with a length each, whose size is found once, however deep they stand. */
export class Message {
	readonly fields: readonly Field[];
	/** In bytes. */
	readonly length: number;

	constructor(fields: readonly Field[]) {
		this.fields = fields;
		let length = 0;
		for (const field of fields) length += 1 + varintSize(field[1].length) + field[1].length;
		this.length = length;
	}
}

/** A message of length-delimited fields, in one piece: what there is one of for each resource must be cheap. */
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
		to[at++] = (number << 3) | 2;
		let rest = content.length;
		for (; rest > 127; rest >>>= 7) to[at++] = (rest & 127) | 128;
		to[at++] = rest;
		if (content instanceof Message) at = write(to, at, content);
		else {
			to.set(content, at);
			at += content.length;
		}
	}
	return at;
}

function varintSize(value: number): number {
	let size = 1;
	for (let rest = value; rest > 127; rest >>>= 7) size++;
	return size;
}
