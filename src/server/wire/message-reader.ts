import { status } from "@grpc/grpc-js";
import { PREFIX_BYTES } from "./message-frame.js";
import { RpcError } from "./rpc-error.js";

const EMPTY = Buffer.alloc(0);
/** Buffers from this size on are freed at once, and not when memory is collected some time. */
const FREED_AT_ONCE = 64 * 1024;

export interface Message {
	/** Gone after release(). */
	readonly bytes: Buffer;
	readonly isCompressed: boolean;
}

/** Splits a stream's bytes into gRPC messages. */
export class MessageReader {
	readonly #maxBytes: () => number;
	readonly #mayBeCompressed: boolean;
	/** Bytes of messages that were not taken yet. */
	#held: Buffer = EMPTY;
	#room: Buffer = EMPTY;
	/** Rooms in which messages may still be that were taken. */
	#left: Buffer[] = [];

	/** @param maxBytes largest message, in bytes. @param mayBeCompressed whether the call says how. */
	constructor(maxBytes: () => number, mayBeCompressed = false) {
		this.#maxBytes = maxBytes;
		this.#mayBeCompressed = mayBeCompressed;
	}

	/** Whether a message has begun to come. */
	get isPartial(): boolean {
		return this.#held.length > 0;
	}

	/** Bytes of the message that has begun to come; undefined until it has said so. */
	get length(): number | undefined {
		return this.#held.length >= PREFIX_BYTES ? this.#held.readUInt32BE(1) : undefined;
	}

	/**
	 * @param piece not kept after hold(), which copies the rest of it. Take all messages before the
	 *   next one.
	 */
	add(piece: Buffer): void {
		this.#held = this.#held.length === 0 ? piece : this.#joined(piece);
	}

	/**
	 * Takes the next message.
	 * @returns undefined if it is not complete yet.
	 * @throws RpcError if it is too large, or compressed without a `grpc-encoding` of the call.
	 */
	take(): Message | undefined {
		const held = this.#held;
		const bytes = this.length;
		if (bytes === undefined) return undefined;
		const isCompressed = held[0] !== 0;
		if (isCompressed && !this.#mayBeCompressed) throw compressed();
		if (bytes > this.#maxBytes()) throw RpcError.messageBytes(bytes, this.#maxBytes());
		const end = PREFIX_BYTES + bytes;
		if (held.length < end) return undefined;
		this.#held = end === held.length ? EMPTY : held.subarray(end);
		return { bytes: held.subarray(PREFIX_BYTES, end), isCompressed };
	}

	/** Copies the rest of the piece, whose buffer may be reused. */
	hold(): void {
		if (this.#held.length === 0) this.clear();
		else if (this.#held.buffer !== this.#room.buffer) this.#move(this.#held.length);
	}

	/** Forgets what is held. */
	clear(): void {
		this.#held = EMPTY;
		this.#leave();
	}

	/** The messages that were taken are no longer needed. */
	release(): void {
		if (this.#left.length === 0) return;
		for (const { buffer } of this.#left) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
		this.#left = [];
	}

	#joined(piece: Buffer): Buffer {
		const { length } = this.#held;
		const end = length + piece.length;
		if (this.#held.byteOffset !== this.#room.byteOffset || end > this.#room.length) {
			// Twice as much, but no more than what the message is said to have.
			this.#move(Math.max(end, Math.min(2 * end, PREFIX_BYTES + (this.length ?? end))));
		}
		piece.copy(this.#room, length);
		return this.#room.subarray(0, end);
	}

	#move(size: number): void {
		const { length } = this.#held;
		const room = Buffer.allocUnsafeSlow(size);
		this.#held.copy(room);
		this.#held = room.subarray(0, length);
		this.#leave();
		this.#room = room;
	}

	#leave(): void {
		if (this.#room.length >= FREED_AT_ONCE) this.#left.push(this.#room);
		this.#room = EMPTY;
	}
}

function compressed(): RpcError {
	return new RpcError(status.INTERNAL, "a request is compressed, and the call does not say how");
}
