import { messageIn } from "../../wire/message-frame.js";
import type { Call } from "./bytes-method.js";

/** Takes what a client sends. */
export interface MessageListener {
	/** @param message valid only until this returns or, if it takes longer, resolves. It does not reject. */
	message(message: Buffer): Promise<void> | undefined;
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
	 * @param onWritten called when the connection has taken it; with an error, or not at all, if the call has ended,
	 *   which is told by the call itself.
	 */
	write(frame: Buffer, onWritten: (error?: Error | null) => void): void;
}

/** By grpc-js's public API, which copies each message once a call. */
export class GrpcMessages implements CallMessages {
	readonly #call: Call;
	#closed = false;

	constructor(call: Call) {
		this.#call = call;
	}

	listen(listener: MessageListener): void {
		this.#call.on("data", (message: Buffer) => {
			if (this.#closed) return;
			const busy = listener.message(message);
			if (!busy) return;
			this.#call.pause();
			void busy.then(() => this.#call.resume());
		});
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

	write(frame: Buffer, onWritten: (error?: Error | null) => void): void {
		this.#call.write(messageIn(frame), onWritten);
	}
}
