/** A field number up to 15 and its bytes: a message, a text or raw bytes. */
export type Field = readonly [number: number, bytes: Uint8Array];

/** A message of length-delimited fields, in one piece: what there is one of for each resource must be cheap. */
export function joinFields(fields: readonly Field[]): Uint8Array {
	let size = 0;
	for (const [, { length }] of fields) size += 1 + varintSize(length) + length;
	const message = new Uint8Array(size);
	let at = 0;
	for (const [number, bytes] of fields) {
		message[at++] = (number << 3) | 2;
		let rest = bytes.length;
		for (; rest > 127; rest >>>= 7) message[at++] = (rest & 127) | 128;
		message[at++] = rest;
		message.set(bytes, at);
		at += bytes.length;
	}
	return message;
}

function varintSize(value: number): number {
	let size = 1;
	for (let rest = value; rest > 127; rest >>>= 7) size++;
	return size;
}
