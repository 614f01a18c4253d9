import type { Endpoint } from "../../../model/endpoint.js";
import { localityKey } from "../../../model/locality.js";
import { contentStart, fieldEnd, lengthKey } from "../../wire-format.js";
import type { AssignedLocality } from "./assigned-locality.js";
import { ASSIGNMENT } from "./assignment-fields.js";

/** The previous assignment of a service, for clients of the same view. */
export interface KnownAssignment {
	readonly value: Uint8Array;
	readonly localities: readonly AssignedLocality[];
}

/** The endpoints of a locality, and their bytes: a field each, in the same order. */
export interface EncodedEndpoints {
	readonly endpoints: readonly Endpoint[];
	readonly bytes: Uint8Array;
}

/** Fewer endpoints are encoded again, which is quicker. */
export const MIN_KEPT = 64;

const CLUSTER_NAME = lengthKey(ASSIGNMENT.clusterName);

/** Finds in an assignment what the next one may copy: the same endpoint object has the same bytes. */
export class KeptEndpoints {
	readonly #value: Uint8Array;
	readonly #byLocality = new Map<string, { readonly endpoints: readonly Endpoint[]; readonly at: number }>();

	constructor({ value, localities }: KnownAssignment) {
		this.#value = value;
		let at = value[0] === CLUSTER_NAME ? fieldEnd(value, 0) : 0;
		for (const each of localities) {
			const { endpoints } = each;
			if (endpoints.length >= MIN_KEPT) this.#byLocality.set(keyOf(each), { endpoints, at });
			at = fieldEnd(value, at);
		}
	}

	of(locality: AssignedLocality): EncodedEndpoints | undefined {
		if (locality.endpoints.length < MIN_KEPT || locality.times !== undefined) return undefined;
		const known = this.#byLocality.get(keyOf(locality.from ?? locality));
		if (!known) return undefined;
		const { endpoints, at } = known;
		const inner = this.#value.subarray(contentStart(this.#value, at), fieldEnd(this.#value, at));
		// The locality itself stands before its endpoints, even where it is empty.
		const start = fieldEnd(inner, 0);
		const length = bytesOf(inner.subarray(start), endpoints.length);
		// Bytes that do not fit the endpoints are not used.
		return start + length > inner.length ? undefined : { endpoints, bytes: inner.subarray(start, start + length) };
	}
}

/** How many bytes the first `count` fields take. */
export function bytesOf(fields: Uint8Array, count: number): number {
	let at = 0;
	for (let i = 0; i < count; i++) at = fieldEnd(fields, at);
	return at;
}

function keyOf({ priority, locality }: AssignedLocality): string {
	return `${priority}\0${localityKey(locality)}`;
}
