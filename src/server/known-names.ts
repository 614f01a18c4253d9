import type { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Limits } from "../model/limits.js";
import { readName } from "./read-text.js";
import { RequestRefused } from "./request-refused.js";

/** Field 3, length-delimited: `resource_names` of a DiscoveryRequest. */
const TAG = (3 << 3) | 2;
const NONE = new Uint8Array(0);

/**
 * The names of a stream's last SotW request. Every ACK repeats them all, and to read a hundred costs more than the push
 * that it ACKs: the same bytes give the very same list, by which it is seen that nothing else is wanted.
 */
export class KnownNames {
	#bytes: Uint8Array = NONE;
	#names: readonly string[] = [];

	/**
	 * Reads this name and those that follow it directly.
	 * @param reader is behind the tag of the first.
	 * @param before how many names were read of the request by now.
	 */
	read(request: Uint8Array, reader: BinaryReader, limits: Limits, before: number): readonly string[] {
		const start = reader.pos;
		const end = start + this.#bytes.length;
		const same = this.#names.length > 0 && Buffer.compare(this.#bytes, request.subarray(start, end)) === 0;
		if (same && request[end] !== TAG) {
			reader.pos = end;
			return this.#names;
		}
		const names = [readName(reader, limits)];
		while (request[reader.pos] === TAG) {
			reader.pos++;
			names.push(readName(reader, limits));
			if (before + names.length > limits.names) break;
		}
		if (before + names.length > limits.names) throw RequestRefused.names(limits);
		this.#bytes = new Uint8Array(request.subarray(start, reader.pos));
		this.#names = names;
		return names;
	}
}
