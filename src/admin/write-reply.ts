import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Reply } from "./reply.js";

/** How long a long answer may take, however slowly it is read: 5 minutes. */
const LIMIT_MS = 300_000;

const HEADERS = {
	"cache-control": "no-store",
	"x-content-type-options": "nosniff",
	"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
};

/**
 * Writes an answer, a long one as fast as it is read.
 * @throws what the making of a long one throws; where its beginning is written, the answer is without an end then.
 */
export async function writeReply(reply: Reply, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { status, type, body, headers, live } = reply;
	const head = { ...HEADERS, "content-type": type, ...headers };
	if (live && typeof body !== "string") {
		response.once("close", () => live.end());
		if (response.destroyed || request.method === "HEAD") live.end();
		response.writeHead(status, head);
		await writeChunks("", body[Symbol.asyncIterator](), response, undefined);
		return;
	}
	const chunks = typeof body === "string" ? undefined : body[Symbol.asyncIterator]();
	const first = chunks ? await textOf(chunks) : { text: body as string, isWhole: true };
	if (response.destroyed) {
		await chunks?.return?.();
		return;
	}
	const isHead = request.method === "HEAD";
	if (first.isWhole) response.writeHead(status, { ...head, "content-length": Buffer.byteLength(first.text) });
	else response.writeHead(status, head);
	if (isHead || first.isWhole) {
		response.end(isHead ? undefined : first.text);
		await chunks?.return?.();
		return;
	}
	await writeChunks(first.text, chunks as AsyncIterator<string>, response, LIMIT_MS);
}

/** @param limitMs how long it may take; for ever where it is undefined */
async function writeChunks(
	first: string,
	chunks: AsyncIterator<string>,
	response: ServerResponse,
	limitMs: number | undefined,
): Promise<void> {
	const closed = new AbortController();
	response.once("close", () => closed.abort());
	const limit = limitMs === undefined ? undefined : setTimeout(() => response.destroy(), limitMs);
	try {
		for (let text: string | undefined = first; text !== undefined && !response.destroyed; text = await next(chunks)) {
			// It rejects when the connection has gone: there is nobody to write to then.
			if (!response.write(text)) await once(response, "drain", { signal: closed.signal }).catch(() => {});
		}
		response.end();
	} finally {
		clearTimeout(limit);
		await chunks.return?.();
	}
}

async function next(chunks: AsyncIterator<string>): Promise<string | undefined> {
	const { done, value } = await chunks.next();
	return done ? undefined : value;
}

/** The beginning, and the end where it is a short one: that has a length then. */
async function textOf(chunks: AsyncIterator<string>): Promise<{ text: string; isWhole: boolean }> {
	let text = "";
	while (text.length < MIN_CHUNKED) {
		const more = await next(chunks);
		if (more === undefined) return { text, isWhole: true };
		text += more;
	}
	return { text, isWhole: false };
}

/** Answers that are shorter than this are sent with their length: characters. */
const MIN_CHUNKED = 64 * 1024;
