import { cleanText } from "../../util/text/clean-text.js";
import { RequestReader } from "./request-reader.js";

/** Why a client rejects a response. */
export interface RequestError {
	readonly code: number;
	readonly message: string;
}

/** Characters of a client's error text that are kept. */
const MAX_TEXT = 16_384;
/** UTF-8 takes up to four bytes for a character. */
const MAX_BYTES = 4 * MAX_TEXT;
/** Fields that are looked at: a google.rpc.Status has two, and its details, which nobody needs. */
const MAX_FIELDS = 1_024;

/** Field numbers of google.rpc.Status. */
const FIELD = { code: 1, message: 2 } as const;

/** Reads a google.rpc.Status. The text goes to logs and terminals, so it is cleaned. */
export function readError(bytes: Uint8Array): RequestError {
	let code = 0;
	let text: Uint8Array | undefined;
	const reader = new RequestReader(bytes);
	const takeNumber = (field: number, value: number) => {
		if (field === FIELD.code) code = value | 0;
	};
	for (const field of reader.fields(MAX_FIELDS, takeNumber)) {
		const content = reader.content();
		if (field === FIELD.message) text = content;
	}
	const message = Buffer.from(text?.subarray(0, MAX_BYTES) ?? []).toString("utf8");
	return { code, message: cleanText(message, { max: MAX_TEXT, lines: true }) };
}
