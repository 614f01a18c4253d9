import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";

/** A message of gRPC begins with a byte that says it is not compressed, and its length. */
const HEAD_BYTES = 5;

/**
 * What runs in a pod: it answers every HTTP/2 request with its name, and every gRPC call too. It ends as a server does that
 * was told so: what is under way is answered, and nothing that comes later.
 */
export class Pod {
	readonly host: string;
	readonly #server: Http2Server;
	readonly #sessions = new Set<ServerHttp2Session>();
	/** Requests so far. */
	requests = 0;

	private constructor(host: string) {
		this.host = host;
		this.#server = createServer().on("stream", (stream, headers) => {
			this.requests++;
			// Who broke off is for the client to find out.
			stream.on("error", () => {});
			if (headers["content-type"]?.startsWith("application/grpc")) this.#answerCall(stream);
			else {
				stream.respond({ ":status": 200 });
				stream.end(host);
			}
		});
		this.#server.on("session", (session) => {
			this.#sessions.add(session);
			session.on("error", () => {}).once("close", () => this.#sessions.delete(session));
		});
	}

	/** Listens on that address, which is one of 127.0.0.0/8. */
	static async start(host: string, port: number): Promise<Pod> {
		const pod = new Pod(host);
		pod.#server.listen(port, host);
		await once(pod.#server, "listening");
		return pod;
	}

	/** SIGTERM: from now on its port refuses connections. */
	async end(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const session of this.#sessions) session.close();
		await closed;
	}

	#answerCall(stream: ServerHttp2Stream): void {
		const name = Buffer.from(this.host);
		const message = Buffer.alloc(HEAD_BYTES + name.length);
		message.writeUInt32BE(name.length, 1);
		name.copy(message, HEAD_BYTES);
		stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
		stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
		stream.end(message);
	}
}
