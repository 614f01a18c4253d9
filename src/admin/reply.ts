import { inSlices, type Turns } from "../util/slices.js";
import { cleanJson } from "../util/text/clean-text.js";

/** What a route answers. */
export interface Reply {
	readonly status: number;
	/** The media type. */
	readonly type: string;
	/** What may be long comes in chunks, none of which takes long to make. */
	readonly body: string | AsyncIterable<string>;
	readonly headers?: Readonly<Record<string, string>> | undefined;
	/** Of a body without an end: what ends it, once nobody reads it any more. Each chunk is written as it comes. */
	readonly live?: { end(): void };
}

const JSON_TYPE = "application/json";

export function jsonReply(status: number, value: unknown, headers?: Reply["headers"]): Reply {
	return { status, type: JSON_TYPE, body: `${cleanJson(JSON.stringify(value))}\n`, headers };
}

/** @param more further keys beside `error` */
export function errorReply(status: number, error: string, more: object = {}, headers?: Reply["headers"]): Reply {
	return jsonReply(status, { error, ...more }, headers);
}

/** JSON that may be long. @param pieces each is short, and cuts no text of the JSON. */
export function jsonStream(status: number, pieces: Iterable<string>, turns: Turns): Reply {
	return { status, type: JSON_TYPE, body: cleanChunks(inSlices(pieces, turns)) };
}

async function* cleanChunks(chunks: AsyncIterable<string>): AsyncGenerator<string> {
	for await (const chunk of chunks) yield cleanJson(chunk);
}

/** An object's JSON with one list in it that may be long, behind the keys of `before`. */
export function* withList(before: object, key: string, items: Iterable<string>, after: object = {}): Iterable<string> {
	const head = JSON.stringify(before).slice(0, -1);
	yield `${head}${head === "{" ? "" : ","}${JSON.stringify(key)}:[`;
	yield* items;
	const tail = JSON.stringify(after).slice(1);
	yield `]${tail === "}" ? "" : ","}${tail}`;
}

/** The elements of a JSON list, with the commas between them. */
export function* elements<T>(values: Iterable<T>, json: (value: T) => unknown = (value) => value): Iterable<string> {
	let comma = "";
	for (const value of values) {
		yield comma + JSON.stringify(json(value));
		comma = ",";
	}
}
