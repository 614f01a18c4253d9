import { crc32 } from "node:zlib";
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

/** How long a list is kept for the next stream, though nobody uses it: long enough for a crowd that reconnects. */
const KEEP_MS = 1_000;
/** More lists are not worth keeping for that. */
const MAX_KEPT = 256;
/** Nor are longer ones worth finding again. */
const MAX_LIST_BYTES = 64 * 1024;

/**
 * What streams ask for. A crowd of clients asks for the same: it is decoded once, and is in memory once for as long as one of
 * them is there.
 */
export class NameLists {
	/** By a checksum of their bytes, as long as somebody has the names. */
	readonly #inUse = new Map<number, WeakRef<NameList>>();
	readonly #ofNames = new WeakMap<readonly string[], NameList>();
	readonly #gone = new FinalizationRegistry<number>((key) => {
		if (!this.#inUse.get(key)?.deref()) this.#inUse.delete(key);
	});
	readonly #kept = new Set<NameList>();
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
		const bytes = reader.bytes.subarray(start, end);
		const key = crc32(bytes);
		const known = this.#inUse.get(key)?.deref();
		const fits = known && known.longest <= limits.nameLength && before + known.names.length <= limits.names;
		if (fits && bytes.equals(known.bytes)) {
			reader.pos = end;
			return known;
		}
		const list = readNames(reader, limits, before);
		this.#keep(key, list);
		return list;
	}

	#keep(key: number, list: NameList): void {
		this.#inUse.set(key, new WeakRef(list));
		this.#ofNames.set(list.names, list);
		this.#gone.register(list, key);
		if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
		this.#kept.add(list);
		this.#timer ??= setTimeout(() => this.#letGo(), KEEP_MS).unref();
	}

	#letGo(): void {
		this.#timer = undefined;
		this.#kept.clear();
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
