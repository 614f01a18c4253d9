import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";

export interface H2StreamHandler {
	/** One gRPC message. It is only valid during the call. */
	message(bytes: Buffer): void;
	/** The connection or the stream ended although nobody here ended it. */
	failed(error: Error): void;
}

export interface H2StreamTls {
	readonly options: ConnectionOptions;
	/** The server gave a session, by which the next handshake is shorter. */
	readonly onSession: (session: Buffer) => void;
	/** The handshake is done, by a session or without. */
	readonly onSecured?: (isResumed: boolean) => void;
}

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const ACK = 1;
const END_STREAM = 1;
const END_HEADERS = 4;
const PADDED = 8;
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const FRAME_HEADER = 9;
const GRPC_HEADER = 5;
const MAX_WINDOW = 0x7fffffff;

/**
 * One connection with one gRPC stream, with just as much HTTP/2 as that needs: a load generator should cost less than
 * the server. The windows are opened once as far as they go (2 GiB); those of the server are not counted, because a
 * request is small and is only sent when the last one was answered.
 */
export class H2Stream {
	readonly #socket: Socket;
	readonly #handler: H2StreamHandler;
	#rest: Buffer | undefined;
	#message: Buffer | undefined;
	#closed = false;

	/** @param tls by which it connects; in clear unless given. A session that the server gives is told by `session`. */
	constructor(
		port: number,
		path: string,
		headers: Readonly<Record<string, string>>,
		handler: H2StreamHandler,
		tls?: H2StreamTls,
	) {
		this.#handler = handler;
		const to = { host: "127.0.0.1", port };
		if (tls) {
			const socket = connectTls({ ...to, ...tls.options, ALPNProtocols: ["h2"] });
			socket.setNoDelay(true);
			socket.on("session", tls.onSession);
			socket.once("secureConnect", () => tls.onSecured?.(socket.isSessionReused()));
			this.#socket = socket;
		} else this.#socket = connect({ ...to, noDelay: true });
		this.#socket.on("data", (chunk) => this.#receive(chunk));
		this.#socket.on("error", (error) => this.#fail(error));
		this.#socket.on("close", () => this.#fail(new Error("the server closed the connection")));
		const settings = Buffer.alloc(12);
		settings.writeUInt16BE(2, 0); // no push
		settings.writeUInt16BE(4, 6);
		settings.writeUInt32BE(MAX_WINDOW, 8);
		const window = Buffer.alloc(4);
		window.writeUInt32BE(MAX_WINDOW - 65_535);
		const start = [frame(SETTINGS, 0, 0, settings), frame(WINDOW_UPDATE, 0, 0, window)];
		this.#socket.write(Buffer.concat([PREFACE, ...start, frame(HEADERS, END_HEADERS, 1, headerBlock(path, headers))]));
	}

	send(message: Buffer): void {
		const header = Buffer.alloc(GRPC_HEADER);
		header.writeUInt32BE(message.length, 1);
		this.#socket.write(frame(DATA, 0, 1, Buffer.concat([header, message])));
	}

	close(): void {
		this.#closed = true;
		this.#socket.destroy();
	}

	#receive(chunk: Buffer): void {
		const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
		this.#rest = undefined;
		let at = 0;
		while (bytes.length - at >= FRAME_HEADER) {
			const end = at + FRAME_HEADER + bytes.readUIntBE(at, 3);
			if (end > bytes.length) break;
			this.#frame(bytes[at + 3] as number, bytes[at + 4] as number, bytes.subarray(at + FRAME_HEADER, end));
			at = end;
		}
		if (at < bytes.length) this.#rest = bytes.subarray(at);
	}

	#frame(type: number, flags: number, payload: Buffer): void {
		if (type === DATA) this.#data(flags, payload);
		else if (type === SETTINGS && !(flags & ACK)) this.#socket.write(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
		else if (type === PING && !(flags & ACK)) this.#socket.write(frame(PING, ACK, 0, payload));
		else if (type === GOAWAY || type === RST_STREAM || (type === HEADERS && flags & END_STREAM)) {
			this.#fail(new Error("the server ended the stream"));
		}
	}

	#data(flags: number, payload: Buffer): void {
		if (flags & PADDED) throw new Error("padded frames are not expected");
		let bytes = this.#message ? Buffer.concat([this.#message, payload]) : payload;
		this.#message = undefined;
		while (bytes.length >= GRPC_HEADER) {
			const end = GRPC_HEADER + bytes.readUInt32BE(1);
			if (bytes.length < end) break;
			this.#handler.message(bytes.subarray(GRPC_HEADER, end));
			bytes = bytes.subarray(end);
		}
		if (bytes.length > 0) this.#message = Buffer.from(bytes);
	}

	#fail(error: Error): void {
		if (this.#closed) return;
		this.close();
		this.#handler.failed(error);
	}
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
	const bytes = Buffer.allocUnsafe(FRAME_HEADER + payload.length);
	bytes.writeUIntBE(payload.length, 0, 3);
	bytes[3] = type;
	bytes[4] = flags;
	bytes.writeUInt32BE(stream, 5);
	payload.copy(bytes, FRAME_HEADER);
	return bytes;
}

/** HPACK with the static table and plain literals (RFC 7541, 6.1 and 6.2.2). */
function headerBlock(path: string, headers: Readonly<Record<string, string>>): Buffer {
	const parts = [Buffer.from([0x83, 0x86, 0x04]), text(path), Buffer.from([0x01]), text("127.0.0.1")];
	const all = { "content-type": "application/grpc", te: "trailers", ...headers };
	for (const [name, value] of Object.entries(all)) parts.push(Buffer.from([0]), text(name), text(value));
	return Buffer.concat(parts);
}

function text(value: string): Buffer {
	const bytes = Buffer.from(value);
	if (bytes.length > 126) throw new Error(`a header of ${bytes.length} bytes is not expected`);
	return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
