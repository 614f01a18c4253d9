import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Limits } from "../../model/limits.js";
import { RESOURCE_TYPES } from "../../resources/resource-types.js";
import { MAX_VARINT, varintAt, varintEnd } from "../../resources/wire-format.js";
import { RpcError } from "./rpc-error.js";

/** Bytes of a version, nonce or type: real ones are much shorter. */
const MAX_TEXT = 4_096;
const KNOWN_URLS = RESOURCE_TYPES.map(({ url }) => ({ url, bytes: Buffer.from(url) }));

/**
 * Reads the fields of a request that are needed. There is a request for every push, and a general
 * reader would cost more than the push.
 */
export class RequestReader {
	readonly bytes: Buffer;
	readonly #end: number;
	pos: number;

	/** @param bytes a protobuf message from start to end. */
	constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
		this.bytes = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.pos = start;
		this.#end = end;
	}

	/**
	 * Goes to the next length-delimited field, behind its tag; fields of other wire types are ignored
	 * (R15).
	 * @returns its number; 0 at the end.
	 * @throws RangeError
	 */
	field(): number {
		while (this.pos < this.#end) {
			const tag = this.#varint();
			const field = tag >>> 3;
			const wireType = tag & 7;
			if (field === 0 || wireType > WireType.Bit32) throw new RangeError(`no tag of a field: ${tag}`);
			if (wireType === WireType.LengthDelimited) return field;
			this.#skip(field, wireType);
		}
		return 0;
	}

	/** Skips the field. */
	pass(): void {
		const length = this.length();
		this.pos += length;
	}

	/**
	 * Reads the length of the field.
	 * @throws RangeError if the message is shorter.
	 */
	length(): number {
		const length = this.#varint();
		if (length > this.#end - this.pos) throw new RangeError("it breaks off");
		return length;
	}

	/** The field as a message. */
	message(): RequestReader {
		const length = this.length();
		this.pos += length;
		return new RequestReader(this.bytes, this.pos - length, this.pos);
	}

	/** The field's bytes, not copied. */
	content(): Uint8Array {
		const length = this.length();
		this.pos += length;
		return this.bytes.subarray(this.pos - length, this.pos);
	}

	/**
	 * Reads a resource name, whose length is checked first. Invalid UTF-8 becomes U+FFFD: no service
	 * has such a name, and that is no reason to end a stream.
	 * @throws RpcError
	 */
	name(limits: Limits): string {
		const length = this.length();
		if (length > limits.nameLength) throw RpcError.nameLength(length, limits);
		return this.#text(length);
	}

	/**
	 * Reads another text.
	 * @param what it is, for the message: "a version".
	 * @throws RpcError
	 */
	text(what: string): string {
		const length = this.length();
		if (length > MAX_TEXT) throw RpcError.invalid(`${what} of ${length} bytes; there are none above ${MAX_TEXT}`);
		return this.#text(length);
	}

	/** Reads a type URL. That of a known type is always the same string object. */
	typeUrl(): string {
		const start = this.pos;
		const length = this.length();
		for (const { url, bytes } of KNOWN_URLS) {
			if (bytes.length === length && bytes.compare(this.bytes, this.pos, this.pos + length) === 0) {
				this.pos += length;
				return url;
			}
		}
		this.pos = start;
		return this.text("a type_url");
	}

	#text(length: number): string {
		const start = this.pos;
		this.pos += length;
		return this.bytes.toString("utf8", start, this.pos);
	}

	/** Up to 32 bits. */
	#varint(): number {
		const { bytes, pos } = this;
		const first = bytes[pos] as number;
		// Almost all are of one byte.
		if (first < 128 && pos < this.#end) {
			this.pos++;
			return first;
		}
		this.pos = varintEnd(bytes, pos);
		if (this.pos - pos > MAX_VARINT) throw new RangeError("a number of more than 32 bits");
		if (this.pos > this.#end) throw new RangeError("it breaks off");
		return varintAt(bytes, pos);
	}

	#skip(field: number, wireType: number): void {
		const reader = new BinaryReader(this.bytes.subarray(0, this.#end));
		reader.pos = this.pos;
		reader.skip(wireType, field);
		this.pos = reader.pos;
	}
}
