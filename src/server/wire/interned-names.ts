import { crc32 } from "node:zlib";
import type { Limits } from "../../model/limits.js";
import { namesOf } from "./names.js";
import type { RequestReader } from "./request-reader.js";
import { RpcError } from "./rpc-error.js";

/** Names that followed each other in a request. */
export interface NameList {
	readonly bytes: Uint8Array;
	/** The same array for all lists of the same names: in the order in which one of them came. */
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
/** Nor are longer ones worth to be found by their bytes. */
const MAX_LIST_BYTES = 64 * 1024;

/**
 * What streams ask for. A crowd of clients asks for the same, in the same order or each in its own: it is in memory once for as
 * long as one of them is there, and is decoded once for those with the same order.
 */
export class InternedNames {
	/** By a checksum of their bytes, as long as somebody has the names. */
	readonly #inUse = new Map<number, WeakRef<NameList>>();
	/** By a checksum of the names, whatever their order. */
	readonly #bySet = new Map<number, WeakRef<readonly string[]>>();
	/** Whoever has the names thereby holds their list. */
	readonly #ofNames = new WeakMap<readonly string[], NameList>();
	readonly #listGone = new FinalizationRegistry<number>((key) => forget(this.#inUse, key));
	readonly #namesGone = new FinalizationRegistry<number>((key) => forget(this.#bySet, key));
	readonly #kept = new Set<NameList>();
	#timer: NodeJS.Timeout | undefined;

	/**
	 * Reads this name and those that follow it directly.
	 * @param reader is behind the tag of the first.
	 * @param before how many names were read of the request by now.
	 * @throws RpcError
	 */
	read(reader: RequestReader, limits: Limits, before: number): NameList {
		const start = reader.pos;
		const end = endOfNames(reader.bytes, start);
		if (end - start > MAX_LIST_BYTES) return this.#shared(readNames(reader, limits, before));
		const bytes = reader.bytes.subarray(start, end);
		const key = crc32(bytes);
		const known = this.#inUse.get(key)?.deref();
		const fits = known && known.longest <= limits.nameLength && before + known.names.length <= limits.names;
		if (fits && bytes.equals(known.bytes)) {
			reader.pos = end;
			return known;
		}
		const list = this.#shared(readNames(reader, limits, before));
		this.#keep(key, list);
		return list;
	}

	/** The list with the array of others that have the same names. */
	#shared({ sum, ...list }: ReadList): NameList {
		const { names } = list;
		const known = this.#bySet.get(sum)?.deref();
		if (known && known.length === names.length) {
			const set = namesOf(known);
			// With repeats in it, as many names could be others.
			if (set.size === names.length && names.every((name) => set.has(name))) return { ...list, names: known };
		}
		this.#bySet.set(sum, new WeakRef(names));
		this.#namesGone.register(names, sum);
		this.#ofNames.set(names, list);
		return list;
	}

	#keep(key: number, list: NameList): void {
		this.#inUse.set(key, new WeakRef(list));
		this.#listGone.register(list, key);
		if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
		this.#kept.add(list);
		this.#timer ??= setTimeout(() => this.#letGo(), KEEP_MS).unref();
	}

	#letGo(): void {
		this.#timer = undefined;
		this.#kept.clear();
	}
}

function forget<T extends object>(known: Map<number, WeakRef<T>>, key: number): void {
	if (!known.get(key)?.deref()) known.delete(key);
}

interface ReadList extends NameList {
	/** Of the names' checksums: their order does not count. */
	readonly sum: number;
}

function readNames(reader: RequestReader, limits: Limits, before: number): ReadList {
	const { bytes, pos: start } = reader;
	const names: string[] = [];
	let longest = 0;
	let sum = 0;
	do {
		if (names.length > 0) reader.pos++;
		if (before + names.length >= limits.names) throw RpcError.names(limits);
		const at = reader.pos;
		names.push(reader.name(limits));
		longest = Math.max(longest, reader.pos - at);
		sum = (sum + checksum(bytes, at, reader.pos)) | 0;
	} while (bytes[reader.pos] === NAME_TAG);
	return { bytes: new Uint8Array(bytes.subarray(start, reader.pos)), names, longest, sum };
}

/** FNV-1a. */
function checksum(bytes: Uint8Array, start: number, end: number): number {
	let sum = 0x811c9dc5;
	for (let i = start; i < end; i++) sum = Math.imul(sum ^ (bytes[i] as number), 0x01000193);
	return sum;
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
