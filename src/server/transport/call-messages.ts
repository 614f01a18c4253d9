import { Duplex } from "node:stream";
import { Metadata } from "@grpc/grpc-js";
import { messageIn } from "../wire/message-frame.js";
import { MessageReader } from "../wire/message-reader.js";
import type { Call } from "./bytes-method.js";

/** Takes what a client sends. */
export interface MessageListener {
	/** @param message valid only until this returns. */
	message(message: Buffer): void;
	/** The bytes are no message. The last call of all. */
	unreadable(reason: unknown): void;
	/** The client has half-closed the stream, and all its messages were delivered. */
	ended(): void;
}

/** The messages of one call in both directions. */
export interface CallMessages {
	/** Starts to deliver messages. */
	listen(listener: MessageListener): void;
	/** Stops delivery until resume(). HTTP/2's flow control keeps further messages at the client. */
	pause(): void;
	resume(): void;
	/** Ends delivery. */
	close(): void;
	/**
	 * @param frame a message with its prefix. Other calls may be writing the same buffer.
	 * @param onWritten called when the connection has taken it; never if the call has ended.
	 */
	write(frame: Buffer, onWritten: () => void): void;
}

/** By grpc-js's public API, which copies each message once a call. */
export class GrpcMessages implements CallMessages {
	readonly #call: Call;
	#closed = false;

	constructor(call: Call) {
		this.#call = call;
	}

	listen(listener: MessageListener): void {
		this.#call.on("data", (message: Buffer) => this.#closed || listener.message(message));
		this.#call.on("end", () => this.#closed || listener.ended());
	}

	pause(): void {
		this.#call.pause();
	}

	resume(): void {
		this.#call.resume();
	}

	close(): void {
		this.#closed = true;
	}

	write(frame: Buffer, onWritten: () => void): void {
		this.#call.write(messageIn(frame), onWritten);
	}
}

/**
 * Straight to and from the call's HTTP/2 stream. All calls write the same buffer: no call that is
 * slow to read holds a copy of its own.
 */
export class DirectMessages implements CallMessages {
	readonly #call: Call;
	readonly #stream: Duplex;
	readonly #reader: MessageReader;
	#listener: MessageListener | undefined;
	#paused = false;
	#ended = false;
	#begun = false;

	/** @param stream the call's own. @param maxBytes largest incoming message, in bytes. */
	constructor(call: Call, stream: Duplex, maxBytes: number) {
		this.#call = call;
		this.#stream = stream;
		this.#reader = new MessageReader(maxBytes);
	}

	listen(listener: MessageListener): void {
		this.#listener = listener;
		const theirs = this.#stream.listeners("data");
		this.#stream.on("data", (piece: Buffer) => this.#take(piece));
		this.#stream.on("end", () => {
			this.#ended = true;
			this.#tell();
		});
		for (const each of theirs) this.#stream.off("data", each as () => void);
		// grpc-js sees only the end of the stream.
		this.#call.resume();
	}

	pause(): void {
		this.#paused = true;
		this.#stream.pause();
	}

	resume(): void {
		this.#paused = false;
		this.#tell();
		if (!this.#paused) this.#stream.resume();
	}

	close(): void {
		this.#listener = undefined;
		this.#reader.clear();
		// Drain what still arrives; unread bytes would use up the connection's flow-control window.
		this.#stream.resume();
	}

	write(frame: Buffer, onWritten: () => void): void {
		if (!this.#stream.writable) return;
		if (!this.#begun) this.#call.sendMetadata(new Metadata());
		this.#begun = true;
		this.#stream.write(frame, (error) => {
			// On an error the call ends and reports it.
			if (!error) onWritten();
		});
	}

	#take(piece: Buffer): void {
		if (!this.#listener) return;
		this.#reader.add(piece);
		// grpc-js may have resumed it.
		if (this.#paused) this.#stream.pause();
		this.#tell();
	}

	/** Delivers the complete messages, unless paused. */
	#tell(): void {
		for (let next = this.#next(); next; next = this.#next()) this.#listener?.message(next);
		this.#reader.hold();
		if (!this.#ended || this.#paused) return;
		this.#ended = false;
		this.#listener?.ended();
	}

	#next(): Buffer | undefined {
		if (this.#paused || !this.#listener) return undefined;
		try {
			return this.#reader.take();
		} catch (reason) {
			const listener = this.#listener;
			this.close();
			listener.unreadable(reason);
			return undefined;
		}
	}
}

/**
 * The call's HTTP/2 stream, a private field of grpc-js. Undefined if it is not where it is
 * expected, or if the client may compress its messages: then grpc-js has to decompress them.
 */
export function http2StreamOf(call: Call): Duplex | undefined {
	const inner: unknown = Reflect.get(call, "call");
	if (typeof inner !== "object" || inner === null) return undefined;
	const stream: unknown = Reflect.get(inner, "stream");
	if (!(stream instanceof Duplex) || !("respond" in stream) || !("session" in stream)) return undefined;
	const isRead = stream.listenerCount("data") === 1 && !stream.readableFlowing;
	return isRead && Reflect.get(inner, "incomingEncoding") === "identity" ? stream : undefined;
}
