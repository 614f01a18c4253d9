import { Duplex } from "node:stream";
import { Metadata } from "@grpc/grpc-js";
import type { Call } from "./bytes-method.js";
import { messageIn } from "./message-frame.js";

/** Sends the messages of one call. */
export interface FrameWriter {
	/**
	 * @param frame a message with its prefix, which other calls may be sending, too.
	 * @param onWritten is called when the connection has taken it; not at all if the call has ended.
	 */
	write(frame: Buffer, onWritten: () => void): void;
}

/** grpc-js has only messages and copies each of them, for each call, to put the prefix before it. */
export class CopyingWriter implements FrameWriter {
	readonly #call: Call;

	constructor(call: Call) {
		this.#call = call;
	}

	write(frame: Buffer, onWritten: () => void): void {
		this.#call.write(messageIn(frame), onWritten);
	}
}

/** The same buffer for all calls: no copy, and none in memory for each call that is slow to read. */
export class SharingWriter implements FrameWriter {
	readonly #call: Call;
	readonly #stream: Duplex;
	#begun = false;

	/** @param stream the call's own HTTP/2 stream. */
	constructor(call: Call, stream: Duplex) {
		this.#call = call;
		this.#stream = stream;
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
}

/** The call's HTTP/2 stream, which is no part of grpc-js's interface; undefined if it is not where it used to be. */
export function http2StreamOf(call: Call): Duplex | undefined {
	const inner: unknown = Reflect.get(call, "call");
	const stream: unknown = typeof inner === "object" && inner !== null ? Reflect.get(inner, "stream") : undefined;
	return stream instanceof Duplex && "respond" in stream && "session" in stream ? stream : undefined;
}
