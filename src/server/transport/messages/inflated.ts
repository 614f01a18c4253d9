import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { RpcError } from "../../wire/rpc-error.js";

/** How a call's messages may be compressed. */
export type Encoding = "identity" | "gzip" | "deflate";

/** Deflate makes no more than this of a byte. */
const MAX_RATIO = 1_032;
const INFLATE = { gzip: promisify(gunzip), deflate: promisify(inflate) };

/** Bytes that a compressed message may have when it is unpacked. @param max of any message. */
export function mostInflated(bytes: number, max: number): number {
	return Math.min(max, bytes * MAX_RATIO);
}

/**
 * Unpacks a message outside of the event loop, no further than to its limit.
 * @throws RpcError
 */
export async function inflated(bytes: Buffer, encoding: Encoding, max: number): Promise<Buffer> {
	if (encoding === "identity") return bytes;
	try {
		return await INFLATE[encoding](bytes, { maxOutputLength: max });
	} catch (reason) {
		if ((reason as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw RpcError.messageBytes(undefined, max);
		throw new RpcError(status.INTERNAL, "a compressed request cannot be unpacked", undefined, { cause: reason });
	}
}
