import { crc32 } from "node:zlib";
import type { Limits } from "../../model/limits.js";
import { SOTW_REQUEST } from "../../resources/discovery-fields.js";
import { fieldEnd, lengthKey } from "../../resources/wire-format.js";
import type { MaybeSteps, Steps } from "../../util/steps.js";
import { namesInSteps, namesOf } from "./names.js";
import type { RequestReader } from "./request-reader.js";
import { RpcError } from "./rpc-error.js";

/** A run of consecutive names in a request. */
export interface NameList {
	readonly bytes: Uint8Array;
	/** The same array for all lists of the same names, in the order of the first of them. */
	readonly names: readonly string[];
	/** At least the length of the longest name, in bytes. */
	readonly longest: number;
	/** Sum of the names' checksums: it does not depend on their order. */
	readonly sum: number;
	/** Whether this is no whole list yet: what others asked for was not looked at. */
	readonly isPart: boolean;
}

/** Of `resource_names` in a DiscoveryRequest, and of `resource_names_subscribe` in a DeltaDiscoveryRequest: they have one number. */
export const NAME_TAG = lengthKey(SOTW_REQUEST.names);

/** A list that no stream uses is kept for this long: enough for a crowd that reconnects. */
const KEEP_MS = 1_000;
/** Unused lists that are kept. */
const MAX_KEPT = 256;
/** Longer lists are read in parts of this size, and not looked up by their bytes. */
const MAX_LIST_BYTES = 64 * 1024;
/** Names that are compared in one step. */
const NAMES_A_STEP = 1_024;

/**
 * Lists of names, each in memory once. Streams that ask for the same names get the same array,
 * whatever the order they list them in. Equal bytes are decoded once. A list is freed with the last
 * stream that has it.
 */
export class InternedNames {
	/** By a checksum of the bytes, as long as some stream has the names. */
	readonly #inUse = new Map<number, WeakRef<NameList>>();
	/** By a checksum of the names that does not depend on their order. */
	readonly #bySet = new Map<number, WeakRef<readonly string[]>>();
	/** Keeps a list alive as long as its names. */
	readonly #ofNames = new WeakMap<readonly string[], NameList>();
	readonly #listGone = new FinalizationRegistry<number>((key) => forget(this.#inUse, key));
	readonly #namesGone = new FinalizationRegistry<number>((key) => forget(this.#bySet, key));
	readonly #kept = new Set<NameList>();
	#timer: NodeJS.Timeout | undefined;

	/**
	 * Reads this name and those that follow it directly; of a long list a part, so the rest is still
	 * to be read.
	 * @param reader is behind the tag of the first.
	 * @param before how many names were read of the request by now.
	 * @throws RpcError
	 */
	read(reader: RequestReader, limits: Limits, before: number): NameList {
		// Names between other fields are not worth a look.
		if (before > 0) return readNames(reader, limits, before);
		const start = reader.pos;
		const end = endOfNames(reader.bytes, start);
		if (end - start > MAX_LIST_BYTES) return readNames(reader, limits, before);
		const bytes = reader.bytes.subarray(start, end);
		const key = crc32(bytes);
		const known = this.#inUse.get(key)?.deref();
		const fits = known && known.longest <= limits.nameLength && known.names.length <= limits.names;
		if (fits && bytes.equals(known.bytes)) {
			reader.pos = end;
			return known;
		}
		const part = readNames(reader, limits, before);
		const same = this.#lookUp(part);
		const list = this.#note(part, same && hasAll(namesOf(same), part.names) ? same : undefined);
		this.#keep(key, list);
		return list;
	}

	/** The names of a whole request as one list. @param parts as read() gave them; at least one. */
	join(parts: readonly NameList[]): MaybeSteps<NameList> {
		const first = parts[0] as NameList;
		return parts.length === 1 && !first.isPart ? first : this.#join(parts);
	}

	*#join(parts: readonly NameList[]): Steps<NameList> {
		const names: string[] = [];
		let sum = 0;
		let longest = 0;
		for (const [i, part] of parts.entries()) {
			for (const name of part.names) names.push(name);
			sum = (sum + part.sum) | 0;
			longest = Math.max(longest, part.longest);
			if (part.isPart && i % NAMES_A_STEP === 0) yield;
		}
		const bytes = Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part.bytes] : [TAG, part.bytes])));
		const list = { bytes, names, longest, sum, isPart: false };
		const same = this.#lookUp(list);
		const isSame = same && (yield* hasAllInSteps(yield* namesInSteps(same), names));
		return this.#note(list, isSame ? same : undefined);
	}

	/** An array that is as long and has the same sum: it is to be seen whether the names are the same. */
	#lookUp({ sum, names }: NameList): readonly string[] | undefined {
		const known = this.#bySet.get(sum)?.deref();
		// A list with repeated names may have as many names and yet others.
		return known && known.length === names.length && namesOf(known).size === names.length ? known : undefined;
	}

	/** The list, with the array of an earlier list of the same names. */
	#note(part: NameList, same: readonly string[] | undefined): NameList {
		if (same) return { ...part, names: same, isPart: false };
		const list = { ...part, isPart: false };
		this.#bySet.set(list.sum, new WeakRef(list.names));
		this.#namesGone.register(list.names, list.sum);
		this.#ofNames.set(list.names, list);
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

const TAG = Uint8Array.of(NAME_TAG);

function hasAll(known: ReadonlySet<string>, names: readonly string[]): boolean {
	return names.every((name) => known.has(name));
}

function* hasAllInSteps(known: ReadonlySet<string>, names: readonly string[]): Steps<boolean> {
	for (let from = 0; from < names.length; from += NAMES_A_STEP) {
		if (!hasAll(known, names.slice(from, from + NAMES_A_STEP))) return false;
		yield;
	}
	return true;
}

/** Reads names up to MAX_LIST_BYTES. */
function readNames(reader: RequestReader, limits: Limits, before: number): NameList {
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
	} while (bytes[reader.pos] === NAME_TAG && reader.pos - start < MAX_LIST_BYTES);
	return { bytes: new Uint8Array(bytes.subarray(start, reader.pos)), names, longest, sum, isPart: true };
}

/** FNV-1a. */
function checksum(bytes: Uint8Array, start: number, end: number): number {
	let sum = 0x811c9dc5;
	for (let i = start; i < end; i++) sum = Math.imul(sum ^ (bytes[i] as number), 0x01000193);
	return sum;
}

/**
 * Finds the end of the names without decoding them; the end of the request if it breaks off within
 * them, and no further than it takes to see that they are long.
 */
function endOfNames(request: Uint8Array, start: number): number {
	// The tag of the first name was read.
	let at = fieldEnd(request, start - 1);
	const far = start + MAX_LIST_BYTES;
	while (at < request.length && at <= far && request[at] === NAME_TAG) at = fieldEnd(request, at);
	return Math.min(at, request.length);
}
