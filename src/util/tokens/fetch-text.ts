import { request } from "node:https";

export interface FetchTextOptions {
	/** CAs in PEM; the system's unless given. */
	readonly ca?: string | undefined;
	/** Bytes of the answer. */
	readonly maxBytes: number;
	/** Milliseconds for all of it. */
	readonly timeout: number;
	readonly signal: AbortSignal;
}

/**
 * What a URL with https has, which is asked for without following anywhere else.
 * @throws Error with a message for people: no answer in time, another status than 200, an answer that is too large.
 */
export function fetchText(url: string, { ca, maxBytes, timeout, signal }: FetchTextOptions): Promise<string> {
	const ends = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
	return new Promise((resolve, reject) => {
		const fail = (reason: string, cause?: unknown) => {
			reject(new Error(`${url}: ${reason}`, { cause }));
			asked.destroy();
		};
		const options = { signal: ends, agent: false, ...(ca && { ca }), headers: { accept: "application/json" } };
		const asked = request(url, options, (answer) => {
			if (answer.statusCode !== 200) return fail(`answers ${answer.statusCode}, not 200`);
			const parts: Buffer[] = [];
			let bytes = 0;
			answer.on("data", (part: Buffer) => {
				bytes += part.length;
				if (bytes > maxBytes) fail(`answers with more than ${maxBytes} bytes`);
				else parts.push(part);
			});
			answer.once("end", () => resolve(Buffer.concat(parts).toString("utf8")));
			answer.once("error", (error) => fail(error.message, error));
		});
		asked.once("error", (error) => fail(ends.aborted ? `has not answered within ${timeout} ms` : error.message, error));
		asked.end();
	});
}
