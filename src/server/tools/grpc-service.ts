import type {
	MethodDefinition,
	ServerDuplexStream,
	ServiceDefinition,
	UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { RpcError } from "../wire/rpc-error.js";

/** A call, as far as it tells who makes it. */
export type Caller = object & { getPeer(): string };

/** A gRPC service besides xDS. */
export interface GrpcService {
	/** With its package: `grpc.health.v1.Health`. */
	readonly name: string;
	readonly definition: ServiceDefinition;
	readonly implementation: UntypedServiceImplementation;
}

/** The generated code of a message. */
interface Codec<T> {
	encode(message: T): { finish(): Uint8Array };
	decode(bytes: Uint8Array): T;
}

/** @param stream which sides send many messages. */
export function grpcMethod<Request, Response>(
	path: string,
	request: Codec<Request>,
	response: Codec<Response>,
	stream: "none" | "responses" | "both",
): MethodDefinition<Request, Response> {
	return {
		path,
		requestStream: stream === "both",
		responseStream: stream !== "none",
		requestSerialize: (message) => bufferOf(request.encode(message).finish()),
		requestDeserialize: (bytes) => request.decode(bytes),
		responseSerialize: (message) => bufferOf(response.encode(message).finish()),
		responseDeserialize: (bytes) => response.decode(bytes),
	};
}

/** Milliseconds for a client's first request. */
const FIRST_REQUEST_MS = 15_000;

/**
 * Reads the next request only once the answer before is written: a client that does not read costs
 * nothing.
 */
export function answerInTurn<Request, Response>(
	call: ServerDuplexStream<Request, Response>,
	answer: (request: Request) => Response | Promise<Response>,
): void {
	async function respond(request: Request): Promise<void> {
		if (call.write(await answer(request))) call.resume();
		else call.once("drain", () => call.resume());
	}
	const timer = setTimeout(() => call.emit("error", RpcError.firstRequest(FIRST_REQUEST_MS / 1_000)), FIRST_REQUEST_MS);
	const stop = () => clearTimeout(timer);
	call.once("cancelled", stop).once("error", stop).once("end", stop);
	call.on("data", (request: Request) => {
		stop();
		call.pause();
		respond(request).catch((reason: unknown) => call.emit("error", RpcError.from(reason)));
	});
	call.on("end", () => call.end());
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
	return Buffer.from(buffer, byteOffset, byteLength);
}
