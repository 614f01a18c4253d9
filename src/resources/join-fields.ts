/** A field number up to 15 and what stands in it: a message, a text or raw bytes, or the fields of a message. */
export type Field = readonly [number: number, content: Uint8Array | readonly Field[]];

/** A message of length-delimited fields, in one piece: what there is one of for each resource must be cheap. */
export function joinFields(fields: readonly Field[]): Uint8Array {
	const message = new Uint8Array(sizeOf(fields));
	write(message, 0, fields);
	return message;
}

function isBytes(content: Field[1]): content is Uint8Array {
	return content instanceof Uint8Array;
}

function sizeOf(fields: readonly Field[]): number {
	let size = 0;
	for (const [, content] of fields) {
		const length = isBytes(content) ? content.length : sizeOf(content);
		size += 1 + varintSize(length) + length;
	}
	return size;
}

/** @returns where it ends. */
function write(message: Uint8Array, start: number, fields: readonly Field[]): number {
	let at = start;
	for (const [number, content] of fields) {
		message[at++] = (number << 3) | 2;
		let rest = isBytes(content) ? content.length : sizeOf(content);
		for (; rest > 127; rest >>>= 7) message[at++] = (rest & 127) | 128;
		message[at++] = rest;
		if (!isBytes(content)) at = write(message, at, content);
		else {
			message.set(content, at);
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
