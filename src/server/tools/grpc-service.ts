import type {
	MethodDefinition,
	ServerDuplexStream,
	ServiceDefinition,
	UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { RpcError } from "../wire/rpc-error.js";

/** A service of the port besides xDS itself. */
export interface GrpcService {
	/** With its package: `grpc.health.v1.Health`. */
	readonly name: string;
	readonly definition: ServiceDefinition;
	readonly implementation: UntypedServiceImplementation;
}

/** What is generated for a message. */
interface Codec<T> {
	encode(message: T): { finish(): Uint8Array };
	decode(bytes: Uint8Array): T;
}

/** @param stream on which sides there are many messages. */
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

/** One request at a time, and the next only when the answer before is out: a client that does not read costs nothing. */
export function answerInTurn<Request, Response>(
	call: ServerDuplexStream<Request, Response>,
	answer: (request: Request) => Response | Promise<Response>,
): void {
	async function respond(request: Request): Promise<void> {
		if (call.write(await answer(request))) call.resume();
		else call.once("drain", () => call.resume());
	}
	call.on("data", (request: Request) => {
		call.pause();
		respond(request).catch((reason: unknown) => call.emit("error", RpcError.from(reason)));
	});
	call.on("end", () => call.end());
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
	return Buffer.from(buffer, byteOffset, byteLength);
}
