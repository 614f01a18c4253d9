import { Duplex } from "node:stream";
import { Metadata } from "@grpc/grpc-js";
import { messageIn } from "../wire/message-frame.js";
import { MessageReader } from "../wire/message-reader.js";
import type { Call } from "./bytes-method.js";

/** What is done with the messages of a call. */
export interface MessageListener {
	/** @param message is only there until this returns. */
	message(message: Buffer): void;
	/** What came is no message that could be read. Nothing more is told. */
	unreadable(reason: unknown): void;
	/** The client says nothing more, and all that it said was told. */
	ended(): void;
}

/** The messages of one call in both directions. */
export interface CallMessages {
	/** From now on what comes is told. */
	listen(listener: MessageListener): void;
	/** Nothing more is told until it goes on: what comes meanwhile stays with the client. */
	pause(): void;
	resume(): void;
	/** Nothing more is told, whatever comes. */
	close(): void;
	/**
	 * @param frame a message with its prefix, which other calls may be sending, too.
	 * @param onWritten is called when the connection has taken it; not at all if the call has ended.
	 */
	write(frame: Buffer, onWritten: () => void): void;
}

/** By grpc-js's public interface, which copies each message that goes, for each call, and takes what comes in several steps. */
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
 * Straight to and from the call's HTTP/2 stream. What goes is the same buffer for all calls: no copy, and none in memory
 * for each call that is slow to read.
 */
export class DirectMessages implements CallMessages {
	readonly #call: Call;
	readonly #stream: Duplex;
	readonly #reader: MessageReader;
	#listener: MessageListener | undefined;
	#paused = false;
	#ended = false;
	#begun = false;

	/** @param stream the call's own. @param maxBytes that a message may have which comes. */
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
		// To grpc-js it is as if nothing came but the end.
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
		// What still comes is to run out: it would take its share of what the connection may send.
		this.#stream.resume();
	}

	write(frame: Buffer, onWritten: () => void): void {
		if (!this.#stream.writable) return;
		if (!this.#begun) this.#call.sendMetadata(new Metadata());
		this.#begun = true;
		this.#stream.write(frame, (error) => {
			// The call then ends, and says so itself.
			if (!error) onWritten();
		});
	}

	#take(piece: Buffer): void {
		if (!this.#listener) return;
		this.#reader.add(piece);
		// grpc-js has its own reasons to let it go on.
		if (this.#paused) this.#stream.pause();
		this.#tell();
	}

	/** Tells of what is held, as long as nobody wants a pause. */
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
 * The call's HTTP/2 stream, which is no part of grpc-js's interface; undefined if it is not where it used to be, or if the
 * client may compress what it sends, which grpc-js undoes.
 */
export function http2StreamOf(call: Call): Duplex | undefined {
	const inner: unknown = Reflect.get(call, "call");
	if (typeof inner !== "object" || inner === null) return undefined;
	const stream: unknown = Reflect.get(inner, "stream");
	if (!(stream instanceof Duplex) || !("respond" in stream) || !("session" in stream)) return undefined;
	const isRead = stream.listenerCount("data") === 1 && !stream.readableFlowing;
	return isRead && Reflect.get(inner, "incomingEncoding") === "identity" ? stream : undefined;
}
