import type { IncomingMessage } from "node:http";
import { SourceFailed } from "../../util/errors.js";
import { connectionProblem } from "./connection-problem.js";
import { decoded } from "./decoded.js";

/** Of an error's body, in bytes. */
const MAX_ERROR = 4_096;
/** Characters of it that are told. */
const MAX_SAID = 300;

/**
 * The body as text.
 * @param maxBytes of it, unpacked; more is a failure, and no more is read.
 * @throws SourceFailed if it is larger, or breaks off.
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
	const tooLarge = () => new SourceFailed(`the answer is larger than ${maxBytes} bytes, the most that is read of it`);
	if (Number(response.headers["content-length"]) > maxBytes) {
		response.destroy();
		throw tooLarge();
	}
	const pieces: string[] = [];
	let bytes = 0;
	try {
		for await (const piece of decoded(response) as AsyncIterable<string>) {
			bytes += Buffer.byteLength(piece);
			if (bytes > maxBytes) throw tooLarge();
			pieces.push(piece);
		}
	} catch (cause) {
		if (cause instanceof SourceFailed) throw cause;
		throw new SourceFailed(connectionProblem(cause), { cause });
	}
	return pieces.join("");
}

/** The beginning of what an error says, on one line; empty where that cannot be read. The rest is not read. */
export async function readError(response: IncomingMessage): Promise<string> {
	let text = "";
	try {
		for await (const piece of decoded(response) as AsyncIterable<string>) {
			text += piece;
			if (text.length > MAX_ERROR) break;
		}
	} catch {
		// The status says enough.
	}
	return text.replace(/\s+/g, " ").trim().slice(0, MAX_SAID);
}
