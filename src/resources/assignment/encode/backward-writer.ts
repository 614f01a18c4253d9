import { lengthKey, numberKey, varintSize, writeVarint } from "../../wire-format.js";

/**
 * Writes a protobuf message from its end to its start. A nested message is complete when its length is written, so nothing
 * is measured beforehand and nothing is copied. Each call writes in front of what the calls before it wrote.
 */
export class BackwardWriter {
	#buffer: Buffer;
	#at: number;

	/** @param room in bytes; it grows where that is not enough. */
	constructor(room: number) {
		this.#buffer = Buffer.allocUnsafe(room);
		this.#at = room;
	}

	/** How many bytes are written. */
	get length(): number {
		return this.#buffer.length - this.#at;
	}

	/** The message, in a buffer of its own that is hardly larger. */
	finish(): Uint8Array {
		const message = this.#buffer.subarray(this.#at);
		// Small buffers of Node are slices of a common one.
		const owned = this.#buffer.buffer.byteLength === this.#buffer.length;
		return owned && this.#at < this.#buffer.length / 8 ? message : new Uint8Array(message);
	}

	/** @param value from 0 to 2³²−1. */
	number(field: number, value: number): void {
		this.#varint(value);
		this.#key(numberKey(field));
	}

	/** Key and length of a message whose content was written since. @param since the length before it. */
	message(field: number, since: number): void {
		this.#varint(this.length - since);
		this.#key(lengthKey(field));
	}

	/** An empty text is left out, as in proto3. */
	text(field: number, text: string): void {
		if (text === "") return;
		const since = this.length;
		if (!this.#ascii(text)) this.#copy(Buffer.from(text));
		this.message(field, since);
	}

	bytes(field: number, bytes: Uint8Array): void {
		const since = this.length;
		this.#copy(bytes);
		this.message(field, since);
	}

	/** Fields that are encoded already, with their keys. */
	fields(encoded: Uint8Array): void {
		this.#copy(encoded);
	}

	#key(key: number): void {
		if (this.#at === 0) this.#grow(1);
		this.#buffer[--this.#at] = key;
	}

	#varint(value: number): void {
		if (this.#at < 5) this.#grow(5);
		if (value < 128) this.#buffer[--this.#at] = value;
		else {
			this.#at -= varintSize(value);
			writeVarint(this.#buffer, this.#at, value);
		}
	}

	/** Quicker than any codec for short ASCII, as most texts are. @returns whether the text was that. */
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
