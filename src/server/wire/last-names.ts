import type { Limits } from "../../model/limits.js";
import { InternedNames, NAME_TAG, type NameList } from "./interned-names.js";
import type { RequestReader } from "./request-reader.js";

const NONE: NameList = { bytes: new Uint8Array(0), names: [], longest: 0 };

/**
 * The names of a stream's last SotW request. Every ACK repeats them all, and to decode a hundred
 * costs more than the push that it ACKs. Equal bytes give the very same list, so the session sees
 * at once that nothing else is wanted.
 */
export class LastNames {
	/** The names of other streams. */
	readonly interned: InternedNames;
	#last = NONE;

	constructor(interned = new InternedNames()) {
		this.interned = interned;
	}

	/**
	 * Reads this name and those that follow it directly.
	 * @param reader is behind the tag of the first.
	 * @param before how many names were read of the request by now.
	 * @throws RpcError
	 */
	read(reader: RequestReader, limits: Limits, before: number): readonly string[] {
		const { bytes, names } = this.#last;
		const request = reader.bytes;
		const end = reader.pos + bytes.length;
		const fits = names.length > 0 && end <= request.length;
		if (fits && request[end] !== NAME_TAG && request.compare(bytes, 0, bytes.length, reader.pos, end) === 0) {
			reader.pos = end;
			return names;
		}
		this.#last = this.interned.read(reader, limits, before);
		return this.#last.names;
	}
}
