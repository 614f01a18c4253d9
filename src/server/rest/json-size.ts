import type { Steps } from "../../util/steps.js";

const [QUOTE, COMMA, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [34, 44, 92, 123, 125, 91, 93];
/** Bytes that are looked at in one step. */
const BYTES_A_STEP = 256 * 1024;

/** How deep a JSON text nests at most, and how many values it has at most, by its brackets and commas. */
export interface JsonSize {
	readonly depth: number;
	readonly values: number;
}

/** Looks at a JSON text without parsing it: what is no JSON is counted, too. @param bytes UTF-8. */
export function* jsonSize(bytes: Uint8Array): Steps<JsonSize> {
	let [depth, deepest, values, inText] = [0, 0, 1, false];
	for (let at = 0; at < bytes.length; at++) {
		if (at % BYTES_A_STEP === BYTES_A_STEP - 1) yield;
		const byte = bytes[at];
		if (inText) {
			if (byte === BACKSLASH) at++;
			else if (byte === QUOTE) inText = false;
		} else if (byte === QUOTE) inText = true;
		else if (byte === COMMA) values++;
		else if (byte === OPEN || byte === OPEN_LIST) {
			values++;
			if (++depth > deepest) deepest = depth;
		} else if (byte === CLOSE || byte === CLOSE_LIST) depth--;
	}
	return { depth: deepest, values };
}
