import type { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Limits } from "../model/limits.js";
import { NAME_TAG, type NameList, NameLists } from "./name-lists.js";

const NONE: NameList = { bytes: new Uint8Array(0), names: [], longest: 0 };

/**
 * The names of a stream's last SotW request. Every ACK repeats them all, and to read a hundred costs more than the push
 * that it ACKs: the same bytes give the very same list, by which it is seen that nothing else is wanted.
 */
export class KnownNames {
	readonly #lists: NameLists;
	#last = NONE;

	/** @param lists those of other streams. */
	constructor(lists = new NameLists()) {
		this.#lists = lists;
	}

	/**
	 * Reads this name and those that follow it directly.
	 * @param reader is behind the tag of the first.
	 * @param before how many names were read of the request by now.
	 * @throws RequestRefused
	 */
	read(request: Uint8Array, reader: BinaryReader, limits: Limits, before: number): readonly string[] {
		const { bytes, names } = this.#last;
		const start = reader.pos;
		const end = start + bytes.length;
		const same = names.length > 0 && Buffer.compare(bytes, request.subarray(start, end)) === 0;
		if (same && request[end] !== NAME_TAG) {
			reader.pos = end;
			return names;
		}
		this.#last = this.#lists.read(request, reader, limits, before);
		return this.#last.names;
	}
}
