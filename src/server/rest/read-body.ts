import type { IncomingMessage } from "node:http";
import { status } from "@grpc/grpc-js";
import { RpcError } from "../wire/rpc-error.js";

/** Limits how many bytes of request bodies are in memory, over all connections. */
export class BodyBudget {
	readonly #max: number;
	#taken = 0;

	/** @param max bytes that may be in memory at a time. */
	constructor(max: number) {
		this.#max = max;
	}

	get taken(): number {
		return this.#taken;
	}

	/** @returns whether there was room. */
	take(bytes: number): boolean {
		if (this.#taken + bytes > this.#max) return false;
		this.#taken += bytes;
		return true;
	}

	give(bytes: number): void {
		this.#taken -= bytes;
	}
}

/**
 * Reads the body as text. How long it may take is up to the server's timeouts.
 * @throws RpcError RESOURCE_EXHAUSTED as soon as it is known to be larger than `max` bytes,
 *   UNAVAILABLE if the budget is used up; the rest of the body stays unread. Error if the client
 *   goes away.
 */
export async function readBody(request: IncomingMessage, max: number, budget: BodyBudget): Promise<string> {
	const tooLarge = () => new RpcError(status.RESOURCE_EXHAUSTED, `the body is larger than ${max} bytes`);
	if (Number(request.headers["content-length"]) > max) throw tooLarge();
	const parts: Buffer[] = [];
	let bytes = 0;
	try {
		await new Promise<void>((resolve, reject) => {
			request.on("data", (part: Buffer) => {
				if (bytes + part.length > max) reject(tooLarge());
				else if (!budget.take(part.length))
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
		return Buffer.concat(parts).toString("utf8");
	} finally {
		budget.give(bytes);
	}
}
