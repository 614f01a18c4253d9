import { status } from "@grpc/grpc-js";
import { PREFIX_BYTES } from "./message-frame.js";
import { RpcError } from "./rpc-error.js";

const EMPTY = Buffer.alloc(0);

/** Splits a stream's bytes into gRPC messages. */
export class MessageReader {
	readonly #maxBytes: number;
	/** Bytes of messages that were not taken yet. */
	#held: Buffer = EMPTY;
	#room: Buffer = EMPTY;

	/** @param maxBytes largest message, in bytes. */
	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
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
	take(): Buffer | undefined {
		const held = this.#held;
		if (held.length >= PREFIX_BYTES) {
			if (held[0] !== 0) throw compressed();
			const bytes = held.readUInt32BE(1);
			if (bytes > this.#maxBytes) throw tooLarge(bytes, this.#maxBytes);
			const end = PREFIX_BYTES + bytes;
			if (held.length >= end) {
				this.#held = held.subarray(end);
				return held.subarray(PREFIX_BYTES, end);
			}
		}
		return undefined;
	}

	/** Copies the rest of the piece, whose buffer may be reused. */
	hold(): void {
		if (this.#held.length === 0) this.clear();
		else if (this.#held.buffer !== this.#room.buffer) this.#move(this.#held.length);
	}

	/** Forgets what is held. */
	clear(): void {
		this.#held = EMPTY;
		this.#room = EMPTY;
	}

	#joined(piece: Buffer): Buffer {
		const { length } = this.#held;
		const end = length + piece.length;
		if (this.#held.byteOffset !== this.#room.byteOffset || end > this.#room.length) this.#move(2 * end);
		piece.copy(this.#room, length);
		return this.#room.subarray(0, end);
	}

	#move(room: number): void {
		const { length } = this.#held;
		this.#room = Buffer.allocUnsafeSlow(room);
		this.#held.copy(this.#room);
		this.#held = this.#room.subarray(0, length);
	}
}

function compressed(): RpcError {
	return new RpcError(status.INTERNAL, "a request is compressed, and the call does not say how");
}

function tooLarge(bytes: number, max: number): RpcError {
	return new RpcError(status.RESOURCE_EXHAUSTED, `Received message larger than max (${bytes} vs ${max})`);
}
