import type { MethodDefinition, ServerDuplexStream } from "@grpc/grpc-js";

export type Call = ServerDuplexStream<Buffer, Buffer>;

/** A method with streams in both directions, whose messages are bytes. */
export function bytesMethod(path: string): MethodDefinition<Buffer, Buffer> {
	const same = (bytes: Buffer) => bytes;
	return {
		path,
		requestStream: true,
		responseStream: true,
		requestSerialize: same,
		requestDeserialize: same,
		responseSerialize: same,
		responseDeserialize: same,
	};
}
