import type { Endpoint } from "../../model/endpoint.js";
import { localityKey } from "../../model/locality.js";
import type { AssignedLocality } from "./assigned-locality.js";

/** An assignment as it was encoded before, for clients of the same view. */
export interface KnownAssignment {
	readonly value: Uint8Array;
	readonly localities: readonly AssignedLocality[];
}

/** The endpoints of a locality, and their bytes: fields with key and length, one after the other. */
export interface EncodedEndpoints {
	readonly endpoints: readonly Endpoint[];
	readonly bytes: Uint8Array;
}

/** With fewer endpoints it is quicker to encode them again. */
export const MIN_KEPT = 64;

const CLUSTER_NAME = (1 << 3) | 2;

/** Finds in an assignment what the next one may copy from it: an endpoint that is the very same has the same bytes. */
export class KeptEndpoints {
	readonly #value: Uint8Array;
	readonly #byLocality = new Map<string, { readonly endpoints: readonly Endpoint[]; readonly at: number }>();

	constructor({ value, localities }: KnownAssignment) {
		this.#value = value;
		let at = value[0] === CLUSTER_NAME ? endOfField(value, 0) : 0;
		for (const each of localities) {
			const { endpoints } = each;
			if (endpoints.length >= MIN_KEPT) this.#byLocality.set(keyOf(each), { endpoints, at });
			at = endOfField(value, at);
		}
	}

	of(locality: AssignedLocality): EncodedEndpoints | undefined {
		const known = locality.endpoints.length < MIN_KEPT ? undefined : this.#byLocality.get(keyOf(locality));
		if (!known) return undefined;
		const { endpoints, at } = known;
		const inner = this.#value.subarray(startOfContent(this.#value, at), endOfField(this.#value, at));
		// The locality itself stands before them, even where it is empty.
		const start = endOfField(inner, 0);
		const length = bytesOf(inner.subarray(start), endpoints.length);
		// What does not fit together is not used.
		return start + length > inner.length ? undefined : { endpoints, bytes: inner.subarray(start, start + length) };
	}
}

/** How many bytes so many fields take. */
export function bytesOf(fields: Uint8Array, count: number): number {
	let at = 0;
	for (let i = 0; i < count; i++) at = endOfField(fields, at);
	return at;
}

function keyOf({ priority, locality }: AssignedLocality): string {
	return `${priority}\0${localityKey(locality)}`;
}

/** Beyond the bytes where they break off. @param at where a field begins, whose key is one byte with a length after it. */
function endOfField(bytes: Uint8Array, at: number): number {
	let place = at + 1;
	let length = 0;
	for (let shift = 0; shift < 32; shift += 7) {
		const byte = bytes[place++] ?? 0;
		length |= (byte & 127) << shift;
		if (byte < 128) break;
	}
	return place + length;
}

function startOfContent(bytes: Uint8Array, at: number): number {
	let place = at + 1;
	while ((bytes[place++] ?? 0) > 127);
	return place;
}
