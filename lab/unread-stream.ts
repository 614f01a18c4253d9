import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import type { Mode } from "./envoy-bootstrap.js";
import { waitUntil } from "./wait-until.js";
import { type XdsMethod, type XdsRequest, type XdsResponse, xdsMethod } from "./xds-protos.js";

/**
 * An ADS stream that is not read until it is told so: HTTP/2's flow control then stops the server after 64 KiB. It is
 * made by hand, because a grpc-js client goes on reading ahead of its user.
 */
export class UnreadStream implements Disposable {
	readonly responses: XdsResponse[] = [];
	readonly #method: XdsMethod;
	readonly #session: ClientHttp2Session;
	readonly #stream: ClientHttp2Stream;
	#bytes = Buffer.alloc(0);
	#failure: Error | undefined;

	constructor(port: number, mode: Mode) {
		this.#method = xdsMethod("ads", mode);
		const fail = (reason: Error) => {
			this.#failure ??= reason;
		};
		this.#session = connect(`http://127.0.0.1:${port}`).on("error", fail);
		this.#stream = this.#session
			.request({
				":method": "POST",
				":path": this.#method.path,
				"content-type": "application/grpc",
				te: "trailers",
			})
			.on("error", fail);
	}

	send(request: XdsRequest): void {
		const message = this.#method.encode(request);
		const prefix = Buffer.alloc(5);
		prefix.writeUInt32BE(message.length, 1);
		this.#stream.write(Buffer.concat([prefix, message]));
	}

	startReading(): void {
		this.#stream.on("data", (chunk: Buffer) => {
			this.#bytes = Buffer.concat([this.#bytes, chunk]);
			for (;;) {
				const end = this.#bytes.length >= 5 ? 5 + this.#bytes.readUInt32BE(1) : Number.POSITIVE_INFINITY;
				if (this.#bytes.length < end) return;
				this.responses.push(this.#method.decode(this.#bytes.subarray(5, end)));
				this.#bytes = this.#bytes.subarray(end);
			}
		});
	}

	/** Waits for a response that fits, for at most 60 s. */
	async next(what: string, fits: (response: XdsResponse) => boolean): Promise<XdsResponse> {
		const found = await waitUntil(`the response comes: ${what}`, () => this.responses.find(fits) ?? this.#failure);
		if (found instanceof Error) throw found;
		return found;
	}

	[Symbol.dispose](): void {
		this.#stream.destroy();
		this.#session.destroy();
	}
}
