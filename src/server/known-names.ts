import type { BinaryReader } from "@bufbuild/protobuf/wire";

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

	/** Reads this name and those that follow it directly. @param reader is behind the tag of the first. */
	read(request: Uint8Array, reader: BinaryReader): readonly string[] {
		const start = reader.pos;
		const end = start + this.#bytes.length;
		const same = this.#names.length > 0 && Buffer.compare(this.#bytes, request.subarray(start, end)) === 0;
		if (same && request[end] !== TAG) {
			reader.pos = end;
			return this.#names;
		}
		const names = [reader.string()];
		while (request[reader.pos] === TAG) {
			reader.pos++;
			names.push(reader.string());
		}
		this.#bytes = new Uint8Array(request.subarray(start, reader.pos));
		this.#names = names;
		return names;
	}
}
