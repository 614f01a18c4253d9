import { getHeapStatistics } from "node:v8";

/** Bytes that a value may take while a text is read, with its event, its place and its key: more than any was seen to. */
const BYTES_A_VALUE = 1_024;

/**
 * How many values a text may have: 2,000,000, or what fits into the memory of a small process. A text that ran out of it
 * would end the process, and a worker with it.
 */
export const MAX_VALUES = Math.min(2_000_000, Math.floor(getHeapStatistics().heap_size_limit / BYTES_A_VALUE));

/** Whether a text may have more values than that, by its lines, commas, brackets, colons and dashes. */
export function hasTooMany(text: string, limit = MAX_VALUES): boolean {
	if (text.length <= limit) return false;
	let count = 0;
	for (let at = 0; at < text.length && count <= limit; at++) {
		const code = text.charCodeAt(at);
		if (code === LINE || code === COMMA || code === BRACKET || code === BRACE) count++;
		else if (code === COLON || code === DASH || code === QUESTION) {
			const next = text.charCodeAt(at + 1);
			if (next === SPACE || next === LINE) count++;
		}
	}
	return count > limit;
}

const LINE = 10;
const SPACE = 32;
const COMMA = 44;
const DASH = 45;
const COLON = 58;
const QUESTION = 63;
const BRACKET = 91;
const BRACE = 123;
