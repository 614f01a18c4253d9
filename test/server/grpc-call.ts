import { Client, type ClientReadableStream, credentials, type ServiceError } from "@grpc/grpc-js";
import { PATIENCE } from "../../lab/patience.js";

interface Codec<T> {
	encode(message: T): { finish(): Uint8Array };
	decode(bytes: Uint8Array): T;
}

/** A gRPC client of the server's smaller services, with the project's own codecs. */
export class GrpcCaller implements Disposable {
	readonly client: Client;

	/** @param port of 127.0.0.1; or a target of gRPC, such as unix:/path. */
	constructor(port: number | string) {
		this.client = new Client(typeof port === "string" ? port : `127.0.0.1:${port}`, credentials.createInsecure(), {
			"grpc.use_local_subchannel_pool": 1,
		});
	}

	/** Rejects with the ServiceError; after 60 s with DEADLINE_EXCEEDED. */
	unary<Q, S>(path: string, [request, response]: readonly [Codec<Q>, Codec<S>], message: Q): Promise<S> {
		return new Promise((resolve, reject) => {
			this.client.makeUnaryRequest<Q, S>(
				path,
				(value) => Buffer.from(request.encode(value).finish()),
				(bytes) => response.decode(bytes),
				message,
				{ deadline: Date.now() + PATIENCE },
				(error: ServiceError | null, value?: S) => {
					if (error) reject(error);
					else resolve(value as S);
				},
			);
		});
	}

	/** One request and what comes for it; what ends the stream is in `ended`. */
	watch<Q, S>(path: string, [request, response]: readonly [Codec<Q>, Codec<S>], message: Q): Watched<S> {
		const call = this.client.makeServerStreamRequest<Q, S>(
			path,
			(value) => Buffer.from(request.encode(value).finish()),
			(bytes) => response.decode(bytes),
			message,
		);
		return new Watched(call);
	}

	[Symbol.dispose](): void {
		this.client.close();
	}
}

/** The answers of a stream, as they come. */
export class Watched<S> {
	readonly answers: S[] = [];
	ended = false;
	readonly #call: ClientReadableStream<S>;

	constructor(call: ClientReadableStream<S>) {
		this.#call = call;
		call.on("data", (answer: S) => this.answers.push(answer));
		call.on("status", () => {
			this.ended = true;
		});
		// The status says the same.
		call.on("error", () => {});
	}

	cancel(): void {
		this.#call.cancel();
	}
}
