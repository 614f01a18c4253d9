import { InternedNames, NAME_TAG, type NameList } from "./interned-names.js";
import type { RequestReader } from "./request-reader.js";

const NONE: NameList = { bytes: new Uint8Array(0), names: [], longest: 0, sum: 0, isPart: false };

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
	 * The names of the last request, if the same follow.
	 * @param reader is behind the tag of the first; then behind the last of them.
	 */
	match(reader: RequestReader): NameList | undefined {
		const { bytes, names } = this.#last;
		const request = reader.bytes;
		const end = reader.pos + bytes.length;
		if (names.length === 0 || end > request.length || request[end] === NAME_TAG) return undefined;
		if (request.compare(bytes, 0, bytes.length, reader.pos, end) !== 0) return undefined;
		reader.pos = end;
		return this.#last;
	}

	/** @param list the names of a request that was read whole. */
	remember(list: NameList): void {
		this.#last = list;
	}
}
