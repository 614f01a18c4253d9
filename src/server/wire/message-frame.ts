/** A gRPC message is preceded by a flag (compressed or not) and its length. */
export const PREFIX_BYTES = 5;

/** Concatenates a gRPC message with its prefix. */
export function frameOf(parts: readonly Uint8Array[]): Buffer {
	const prefix = Buffer.alloc(PREFIX_BYTES);
	prefix.writeUInt32BE(
		parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
		1,
	);
	return Buffer.concat([prefix, ...parts]);
}

/** The message within its frame. */
export function messageIn(frame: Buffer): Buffer {
	return frame.subarray(PREFIX_BYTES);
}
