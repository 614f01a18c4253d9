import { Duplex } from "node:stream";
import { Metadata } from "@grpc/grpc-js";
import type { Call } from "./bytes-method.js";
import { messageIn } from "./message-frame.js";
import { MessageReader } from "./message-reader.js";

/** What is done with the messages of a call. */
export interface MessageListener {
	/** @param message is only there until this returns. */
	message(message: Buffer): void;
	/** What came is no message that could be read. */
	unreadable(reason: unknown): void;
}

/** The messages of one call in both directions. */
export interface CallMessages {
	/** From now on what comes is told. */
	listen(listener: MessageListener): void;
	/** Nothing more is told until it goes on: what comes meanwhile stays with the client. */
	pause(): void;
	resume(): void;
	/**
	 * @param frame a message with its prefix, which other calls may be sending, too.
	 * @param onWritten is called when the connection has taken it; not at all if the call has ended.
	 */
	write(frame: Buffer, onWritten: () => void): void;
}

/** By grpc-js's public interface, which copies each message that goes, for each call, and takes what comes in several steps. */
export class GrpcMessages implements CallMessages {
	readonly #call: Call;

	constructor(call: Call) {
		this.#call = call;
	}

	listen(listener: MessageListener): void {
		this.#call.on("data", (message: Buffer) => listener.message(message));
	}

	pause(): void {
		this.#call.pause();
	}

	resume(): void {
		this.#call.resume();
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
	#paused = false;
	#begun = false;

	/** @param stream the call's own. @param maxBytes that a message may have which comes. */
	constructor(call: Call, stream: Duplex, maxBytes: number) {
		this.#call = call;
		this.#stream = stream;
		this.#reader = new MessageReader(maxBytes);
	}

	listen(listener: MessageListener): void {
		const theirs = this.#stream.listeners("data");
		this.#stream.on("data", (piece: Buffer) => {
			// Paused here, it is resumed by grpc-js when the call is over: what still comes is to run out.
			if (this.#paused) return;
			this.#reader.add(piece);
			this.#tell(listener);
		});
		for (const each of theirs) this.#stream.off("data", each as () => void);
		this.#goOn = () => this.#tell(listener);
		// To grpc-js it is as if nothing came but the end.
		this.#call.resume();
	}

	pause(): void {
		this.#paused = true;
		this.#stream.pause();
	}

	resume(): void {
		this.#paused = false;
		this.#goOn();
		if (!this.#paused) this.#stream.resume();
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

	#goOn = () => {};

	#tell(listener: MessageListener): void {
		try {
			while (!this.#paused) {
				const message = this.#reader.take();
				if (!message) break;
				listener.message(message);
			}
			this.#reader.hold();
		} catch (reason) {
			this.pause();
			listener.unreadable(reason);
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
