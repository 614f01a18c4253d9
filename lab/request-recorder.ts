import {
	type ClientHttp2Session,
	connect,
	createServer,
	type Http2Server,
	type IncomingHttpHeaders,
	type ServerHttp2Session,
	type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";

/** A request of a client. */
export interface RecordedRequest {
	/** As in `discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources`. */
	readonly method: string;
	/** The message as it came, uncompressed in all clients that are known. */
	readonly message: Buffer;
}

const PREFIX = "/envoy.service.";
const HOP_BY_HOP = [":authority", ":scheme"];

/** A relay of gRPC calls on 127.0.0.1, which keeps what clients say. */
export class RequestRecorder implements AsyncDisposable {
	readonly #server: Http2Server = createServer();
	readonly #session: ClientHttp2Session;
	readonly #clients = new Set<ServerHttp2Session>();
	readonly requests: RecordedRequest[] = [];

	private constructor(toPort: number) {
		// The client that is cut off finds out by itself.
		this.#session = connect(`http://127.0.0.1:${toPort}`).on("error", () => {});
		this.#server.on("session", (session) => {
			this.#clients.add(session.on("error", () => {}));
			session.once("close", () => this.#clients.delete(session));
		});
		this.#server.on("stream", (stream, headers) => this.#relay(stream, headers));
	}

	static async to(toPort: number): Promise<RequestRecorder> {
		const recorder = new RequestRecorder(toPort);
		await new Promise<void>((resolve, reject) => {
			recorder.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
		});
		return recorder;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	#relay(near: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
		const own = Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
		const far = this.#session.request(own);
		for (const [stream, other] of [
			[near, far],
			[far, near],
		] as const) {
			stream.on("error", () => other.destroy());
			stream.on("close", () => other.destroy());
			stream.on("data", (chunk: Buffer) => other.write(chunk));
			stream.on("end", () => other.end());
		}
		let trailers: IncomingHttpHeaders = {};
		far.on("response", (answer) => near.respond(ownHeaders(answer), { waitForTrailers: true }));
		far.on("trailers", (last) => {
			trailers = ownHeaders(last);
		});
		near.on("wantTrailers", () => near.sendTrailers(trailers));
		const method = String(headers[":path"]).slice(PREFIX.length);
		const read = messages((message) => this.requests.push({ method, message }));
		near.on("data", read);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#session.destroy();
		for (const session of this.#clients) session.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}

/** Without the names that only HTTP/2 itself may send, and what Node puts there. */
function ownHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
	return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "date"));
}

/** Puts messages together from the chunks in which they come. */
function messages(found: (message: Buffer) => void): (chunk: Buffer) => void {
	let rest = Buffer.alloc(0);
	return (chunk) => {
		rest = Buffer.concat([rest, chunk]);
		while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
			const end = 5 + rest.readUInt32BE(1);
			found(rest.subarray(5, end));
			rest = rest.subarray(end);
		}
	};
}
