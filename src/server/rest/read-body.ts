import type { IncomingMessage } from "node:http";
import { status } from "@grpc/grpc-js";
import type { Shares } from "../../util/shares.js";
import { RpcError } from "../wire/rpc-error.js";

/**
 * Reads the body. How long it may take is up to the server's timeouts.
 * @param budget bytes of bodies that may be in memory.
 * @throws RpcError RESOURCE_EXHAUSTED as soon as it is known to be larger than `max` bytes,
 *   UNAVAILABLE if the budget is used up; the rest of the body stays unread. Error if the client
 *   goes away.
 */
export async function readBody(request: IncomingMessage, max: number, budget: Shares): Promise<Buffer> {
	const tooLarge = () => RpcError.messageBytes(undefined, max);
	const peer = request.socket.remoteAddress ?? "";
	if (Number(request.headers["content-length"]) > max) throw tooLarge();
	const parts: Buffer[] = [];
	let bytes = 0;
	try {
		await new Promise<void>((resolve, reject) => {
			request.on("data", (part: Buffer) => {
				if (bytes + part.length > max) reject(tooLarge());
				else if (!budget.take(peer, part.length))
					reject(new RpcError(status.UNAVAILABLE, "too many large requests at a time; try again"));
				else {
					bytes += part.length;
					parts.push(part);
					return;
				}
				request.pause().removeAllListeners("data");
			});
			request.once("end", resolve);
			request.once("error", reject);
			// A client that goes away also causes an error, unless it had sent everything.
			request.once("close", () => reject(new Error("the connection was closed")));
		});
		return Buffer.concat(parts);
	} finally {
		budget.give(peer, bytes);
	}
}
