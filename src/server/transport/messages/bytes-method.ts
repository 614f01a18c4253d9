import type { MethodDefinition, ServerDuplexStream } from "@grpc/grpc-js";

export type Call = ServerDuplexStream<Buffer, Buffer>;

/** A bidirectional streaming method whose messages are not decoded. */
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
