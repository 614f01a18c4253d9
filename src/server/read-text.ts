import type { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Limits } from "../model/limits.js";
import { RequestRefused } from "./request-refused.js";

/** Of a text that is no resource name, in bytes: types, versions and nonces are much shorter. */
const MAX_TEXT = 4_096;

/**
 * Reads a resource name, whose length is looked at first. What is not UTF-8 in it becomes U+FFFD: such a name exists no
 * less than another that no service has, and is no reason to end a stream.
 * @throws RequestRefused
 */
export function readName(reader: BinaryReader, limits: Limits): string {
	const bytes = lengthOf(reader);
	if (bytes > limits.nameLength) throw RequestRefused.nameLength(bytes, limits);
	return reader.string();
}

/**
 * Reads another text.
 * @param what it is, for the message: "a version".
 * @throws RequestRefused
 */
export function readText(reader: BinaryReader, what: string): string {
	const bytes = lengthOf(reader);
	if (bytes > MAX_TEXT) throw RequestRefused.invalid(`${what} of ${bytes} bytes; there are none above ${MAX_TEXT}`);
	return reader.string();
}

/** The length of the string that is next; 0 if it is longer than the message: to read it will fail. */
function lengthOf(reader: BinaryReader): number {
	const start = reader.pos;
	const bytes = reader.uint32();
	const fits = reader.pos + bytes <= reader.len;
	reader.pos = start;
	return fits ? bytes : 0;
}
