import { WireType } from "@bufbuild/protobuf/wire";
import type { Limits } from "../../model/limits.js";
import { RESOURCE_TYPES } from "../../resources/resource-types.js";
import { MAX_VARINT, varintAt, varintEnd } from "../../resources/wire-format.js";
import { RpcError } from "./rpc-error.js";

/** Bytes of a version, nonce or type: real ones are much shorter. */
const MAX_TEXT = 4_096;
const KNOWN_URLS = RESOURCE_TYPES.map(({ url }) => ({ url, bytes: Buffer.from(url) }));
/** Groups within groups: protobuf dropped them long ago, so none is right. */
const MAX_GROUPS = 100;
const MAX_IN_GROUPS = 10_000;
/** Bytes of a number of 64 bits. */
const MAX_LONG_VARINT = 10;
/** Fields without a length that are passed before others get their turn. */
const PASSED_AT_ONCE = 4_096;

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
	 * @returns its number; 0 at the end; PAUSE after many ignored ones: call it again, in another turn.
	 * @throws RangeError
	 */
	field(): number {
		for (let left = PASSED_AT_ONCE; this.pos < this.#end; left--) {
			if (left === 0) return PAUSE;
			const tag = this.#tag();
			if ((tag & 7) === WireType.LengthDelimited) return tag >>> 3;
			this.#skip(tag);
		}
		return 0;
	}

	/**
	 * As field(), for a message that is short.
	 * @param max fields that are looked at, of any kind; the rest is passed over.
	 * @param number takes fields that are numbers.
	 */
	*fields(max: number, number?: (field: number, value: number) => void): Generator<number> {
		for (let left = max; left > 0 && this.pos < this.#end; left--) {
			const tag = this.#tag();
			if ((tag & 7) === WireType.LengthDelimited) yield tag >>> 3;
			else {
				const at = this.pos;
				this.#skip(tag);
				if ((tag & 7) === WireType.Varint) number?.(tag >>> 3, varintAt(this.bytes, at));
			}
		}
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

	#tag(): number {
		const tag = this.#varint();
		if (tag >>> 3 === 0 || (tag & 7) > WireType.Bit32) throw new RangeError(`no tag of a field: ${tag}`);
		return tag;
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

	/** Passes a field, and the group that it may begin, in one loop whatever it holds. */
	#skip(tag: number): void {
		const groups: number[] = [];
		for (let [next, left] = [tag, MAX_IN_GROUPS]; ; next = this.#tag()) {
			if (--left < 0) throw new RangeError(`groups of more than ${MAX_IN_GROUPS} fields`);
			const field = next >>> 3;
			switch (next & 7) {
				case WireType.StartGroup:
					if (groups.push(field) > MAX_GROUPS) throw new RangeError(`more than ${MAX_GROUPS} groups within each other`);
					break;
				case WireType.EndGroup:
					if (groups.pop() !== field) throw new RangeError(`an end of no group: ${field}`);
					break;
				case WireType.Varint:
					this.#skipVarint();
					break;
				case WireType.LengthDelimited:
					this.pass();
					break;
				default:
					this.#advance((next & 7) === WireType.Bit64 ? 8 : 4);
			}
			if (groups.length === 0) return;
		}
	}

	#skipVarint(): void {
		const start = this.pos;
		let { pos } = this;
		while ((this.bytes[pos] as number) > 127) pos++;
		if (pos - start >= MAX_LONG_VARINT) throw new RangeError("a number of more than 64 bits");
		this.#advance(pos + 1 - start);
	}

	#advance(bytes: number): void {
		if (bytes > this.#end - this.pos) throw new RangeError("it breaks off");
		this.pos += bytes;
	}
}

/** No field: others are to get their turn. */
export const PAUSE = -1;
