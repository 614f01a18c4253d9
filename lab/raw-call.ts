import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { waitUntil } from "./wait-until.js";

/** How a call has ended. */
export interface RawStatus {
	/** The gRPC status; undefined where the stream was reset instead. */
	readonly code: number | undefined;
	readonly details: string;
}

/** A connection that speaks HTTP/2, for calls of which the client does what no gRPC library would. */
export class RawConnection implements Disposable {
	readonly session: ClientHttp2Session;
	failure: Error | undefined;

	/** @param localAddress the client's; 127.0.0.1 unless given. */
	constructor(port: number, localAddress?: string) {
		// What it has not sent yet counts: with less, it would reset a stream whose headers come meanwhile.
		const options = { maxSessionMemory: 1_000, ...(localAddress && { localAddress }) };
		this.session = connect(`http://127.0.0.1:${port}`, options).on("error", (reason: Error) => {
			this.failure ??= reason;
		});
	}

	/** @param method as in `discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources`, or a whole path. */
	open(method: string, headers: Readonly<Record<string, string>> = {}): RawCall {
		return new RawCall(
			this.session.request({
				":method": "POST",
				":path": method.startsWith("/") ? method : `/envoy.service.${method}`,
				"content-type": "application/grpc",
				te: "trailers",
				...headers,
			}),
		);
	}

	[Symbol.dispose](): void {
		this.session.destroy();
	}
}

/** One gRPC call, byte by byte. */
export class RawCall {
	readonly stream: ClientHttp2Stream;
	#ended: RawStatus | undefined;
	#bytes = 0;

	constructor(stream: ClientHttp2Stream) {
		this.stream = stream;
		const end = (headers: Readonly<Record<string, unknown>>) => {
			if (headers["grpc-status"] === undefined) return;
			this.#ended ??= {
				code: Number(headers["grpc-status"]),
				details: decodeURI(String(headers["grpc-message"] ?? "")),
			};
		};
		stream.on("response", end).on("trailers", end);
		stream.on("error", () => {});
		stream.on("close", () => {
			this.#ended ??= { code: undefined, details: `reset ${stream.rstCode}` };
		});
	}

	/** How many bytes have come. */
	get received(): number {
		return this.#bytes;
	}

	/** Reads what comes, and counts it. */
	read(): this {
		this.stream.on("data", (chunk: Buffer) => {
			this.#bytes += chunk.byteLength;
		});
		return this;
	}

	/** A whole message. @param flag 1 says that it is compressed. */
	send(message: Uint8Array, flag = 0): this {
		return this.sendBytes(frame(message, flag));
	}

	sendBytes(bytes: Uint8Array): this {
		if (!this.stream.destroyed && !this.stream.writableEnded) this.stream.write(bytes);
		return this;
	}

	cancel(): void {
		this.stream.close(constants.NGHTTP2_CANCEL);
	}

	/** Waits for the end of the call, for at most 60 s. */
	status(): Promise<RawStatus> {
		if (this.stream.listenerCount("data") === 0) this.stream.resume();
		return waitUntil("the call ends", () => this.#ended, { interval: 2 });
	}
}

/** A message as gRPC puts it on the wire. @param length what the prefix says of it, if not the truth. */
export function frame(message: Uint8Array, flag = 0, length = message.byteLength): Buffer {
	const prefix = Buffer.alloc(5);
	prefix.writeUInt8(flag, 0);
	prefix.writeUInt32BE(length, 1);
	return Buffer.concat([prefix, message]);
}
