/**
 * Writes a protobuf message from its end to its start: the length of what is nested is known when it stands before it, so
 * nothing is measured beforehand, and nothing copied. Each method writes before what the ones before it wrote.
 */
export class BackwardWriter {
	#buffer: Buffer;
	#at: number;

	/** @param room for so many bytes; it grows where these are not enough. */
	constructor(room: number) {
		this.#buffer = Buffer.allocUnsafe(room);
		this.#at = room;
	}

	/** How many bytes there are. */
	get length(): number {
		return this.#buffer.length - this.#at;
	}

	/** The message, in a buffer of its own that is not much larger. */
	finish(): Uint8Array {
		const message = this.#buffer.subarray(this.#at);
		// Small ones of Node's are pieces of a common one.
		const owned = this.#buffer.buffer.byteLength === this.#buffer.length;
		return owned && this.#at < this.#buffer.length / 8 ? message : new Uint8Array(message);
	}

	/** One byte: the key of a field up to 15. */
	key(key: number): void {
		if (this.#at === 0) this.#grow(1);
		this.#buffer[--this.#at] = key;
	}

	/** From 0 to 2³²−1. */
	varint(value: number): void {
		if (this.#at < 5) this.#grow(5);
		if (value < 128) {
			this.#buffer[--this.#at] = value;
			return;
		}
		let at = this.#at - varintSize(value);
		this.#at = at;
		let rest = value;
		for (; rest > 127; rest >>>= 7) this.#buffer[at++] = (rest & 127) | 128;
		this.#buffer[at] = rest;
	}

	/** A message's key and length, which is what was written since. @param since the length before it. */
	message(key: number, since: number): void {
		this.varint(this.length - since);
		this.key(key);
	}

	/** A text with key and length; nothing where it is empty, as proto3 has it. */
	text(key: number, text: string): void {
		if (text === "") return;
		const since = this.length;
		if (!this.#ascii(text)) this.#copy(Buffer.from(text));
		this.message(key, since);
	}

	bytes(key: number, bytes: Uint8Array): void {
		const since = this.length;
		this.#copy(bytes);
		this.message(key, since);
	}

	/** Fields that are encoded already. */
	fields(encoded: Uint8Array): void {
		this.#copy(encoded);
	}

	/** Most texts are short and ASCII: then this is quicker than any codec. */
	#ascii(text: string): boolean {
		const { length } = text;
		if (length > 64) return false;
		if (this.#at < length) this.#grow(length);
		const buffer = this.#buffer;
		const start = this.#at - length;
		for (let i = 0; i < length; i++) {
			const code = text.charCodeAt(i);
			if (code > 127) return false;
			buffer[start + i] = code;
		}
		this.#at = start;
		return true;
	}

	#copy(bytes: Uint8Array): void {
		if (this.#at < bytes.length) this.#grow(bytes.length);
		this.#at -= bytes.length;
		this.#buffer.set(bytes, this.#at);
	}

	#grow(least: number): void {
		const { length } = this;
		const buffer = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, length + least));
		const at = buffer.length - length;
		buffer.set(this.#buffer.subarray(this.#at), at);
		this.#buffer = buffer;
		this.#at = at;
	}
}

function varintSize(value: number): number {
	return value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;
}
