import type { Limits } from "../model/limits.js";
import type { RequestReader } from "./request-reader.js";
import { RequestRefused } from "./request-refused.js";

/** Names that followed each other in a request. */
export interface NameList {
	readonly bytes: Uint8Array;
	readonly names: readonly string[];
	/** The length of the longest, in bytes at least. */
	readonly longest: number;
}

/** Field 3, length-delimited: `resource_names` of a DiscoveryRequest, `resource_names_subscribe` of a DeltaDiscoveryRequest. */
export const NAME_TAG = (3 << 3) | 2;

/** How long a list is kept for the next stream: long enough for a crowd that reconnects. */
const KEEP_MS = 1_000;
/** More lists, or longer ones, are not worth keeping. */
const MAX_LISTS = 256;
const MAX_LIST_BYTES = 64 * 1024;

/**
 * What streams asked for a moment ago. A crowd of clients asks for the same: it is decoded once, and is in memory once
 * for as long as they are there.
 */
export class NameLists {
	readonly #lists = new Map<string, NameList>();
	#timer: NodeJS.Timeout | undefined;

	/**
	 * Reads this name and those that follow it directly.
	 * @param reader is behind the tag of the first.
	 * @param before how many names were read of the request by now.
	 * @throws RequestRefused
	 */
	read(reader: RequestReader, limits: Limits, before: number): NameList {
		const start = reader.pos;
		const end = endOfNames(reader.bytes, start);
		if (end - start > MAX_LIST_BYTES) return readNames(reader, limits, before);
		const key = reader.bytes.toString("latin1", start, end);
		const known = this.#lists.get(key);
		if (known && known.longest <= limits.nameLength && before + known.names.length <= limits.names) {
			reader.pos = end;
			return known;
		}
		const list = readNames(reader, limits, before);
		this.#keep(key, list);
		return list;
	}

	#keep(key: string, list: NameList): void {
		if (this.#lists.size >= MAX_LISTS) this.#clear();
		this.#lists.set(key, list);
		this.#timer ??= setTimeout(() => this.#clear(), KEEP_MS).unref();
	}

	#clear(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#lists.clear();
	}
}

function readNames(reader: RequestReader, limits: Limits, before: number): NameList {
	const { bytes, pos: start } = reader;
	const names: string[] = [];
	let longest = 0;
	do {
		if (names.length > 0) reader.pos++;
		if (before + names.length >= limits.names) throw RequestRefused.names(limits);
		const at = reader.pos;
		names.push(reader.name(limits));
		longest = Math.max(longest, reader.pos - at);
	} while (bytes[reader.pos] === NAME_TAG);
	return { bytes: new Uint8Array(bytes.subarray(start, reader.pos)), names, longest };
}

/** Steps over the names without reading them; to the end if the request breaks off within them. */
function endOfNames(request: Uint8Array, start: number): number {
	let at = start;
	for (let tag = NAME_TAG; tag === NAME_TAG; tag = request[at++] ?? 0) {
		let byte = request[at++] ?? 0;
		let length = byte & 0x7f;
		for (let shift = 7; byte > 0x7f && shift < 35; shift += 7) {
			byte = request[at++] ?? 0;
			length += (byte & 0x7f) * 2 ** shift;
		}
		at += length;
		if (at >= request.length) return request.length;
	}
	return at - 1;
}
