import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Endpoint } from "../../model/endpoint.js";
import type { Change } from "./change.js";

// A day of a thousand services is a million and a half changes. Packed, one takes some 35 bytes: texts and endpoints
// stand once in a pack, times are differences, and all of it is deflated. A pack that is to become part of another one
// is not deflated before, as that is most of the work.

/** Of a text its place. */
type Text = number;
type EndpointRow = readonly [
	address: string,
	port: number,
	health: Text,
	weight: number,
	priority: number,
	locality: Text,
	more: Text,
	...origin: [] | readonly [target: Text, object: Text | null, revision: string | null, at: number | null],
];
type ChangeRow = readonly [
	at: number,
	version: string,
	target: Text,
	sourceAt: number | null,
	ackedByAllAt: number | null,
	...lists: readonly (readonly number[])[],
];

interface Pack {
	/** JSON texts that rows refer to by their place. */
	readonly texts: readonly string[];
	/** Endpoints that changes refer to by their place. */
	readonly endpoints: readonly EndpointRow[];
	readonly changes: readonly ChangeRow[];
}

/** The text of a pack of changes that follow one another. */
export function packChanges(changes: readonly Change[]): string {
	const packing = new Packing();
	const rows = changes.map((change) => packing.change(change));
	const pack: Pack = { texts: packing.texts, endpoints: packing.endpoints, changes: rows };
	return JSON.stringify(pack);
}

/** It has a buffer of its own. */
export function deflatePack(text: string): Uint8Array<ArrayBuffer> {
	return new Uint8Array(deflateRawSync(text));
}

export function unpackChanges(packed: string | Uint8Array): readonly Change[] {
	const text = typeof packed === "string" ? packed : inflateRawSync(packed).toString();
	const pack = JSON.parse(text) as Pack;
	const texts = pack.texts.map((text) => JSON.parse(text) as unknown);
	let before = 0;
	const endpoints = pack.endpoints.map((row) => {
		const [address, port, health, weight, priority, locality, more, target, object = null, revision, at = null] = row;
		if (at !== null) before += at;
		const origin = target !== undefined && {
			target: texts[target],
			...(object !== null && { object: texts[object] }),
			...(revision !== null && { revision }),
			...(at !== null && { at: new Date(before) }),
		};
		const parts = { address, port, health: texts[health], weight, priority, locality: texts[locality] };
		return { ...parts, ...(texts[more] as object), ...(origin && { origin }) } as Endpoint;
	});
	let last = 0;
	return pack.changes.map(([time, version, target, source, acked, ...lists]): Change => {
		last += time;
		const [added = [], removed = [], changed = [], changedFrom = []] = lists.map((places) =>
			places.map((place) => endpoints[place] as Endpoint),
		);
		return {
			...{ at: last, version, target: texts[target] as string, added, removed, changed, changedFrom },
			...(source !== null && { sourceAt: last - source }),
			...(acked !== null && { ackedByAllAt: last + acked }),
		};
	});
}

class Packing {
	readonly texts: string[] = [];
	readonly endpoints: EndpointRow[] = [];
	readonly #texts = new Map<string, number>();
	readonly #endpoints = new Map<string, number>();
	/** The same by identity: what one change made of an endpoint is what the next one replaces. */
	readonly #places = new Map<Endpoint, number>();
	#last = 0;
	#before = 0;

	change({ at, version, target, sourceAt, ackedByAllAt, added, removed, changed, changedFrom }: Change): ChangeRow {
		const time = at - this.#last;
		this.#last = at;
		const lists = [added, removed, changed, changedFrom].map((list) => list.map((e) => this.#endpoint(e)));
		const source = sourceAt === undefined ? null : at - sourceAt;
		return [time, version, this.#text(target), source, ackedByAllAt === undefined ? null : ackedByAllAt - at, ...lists];
	}

	#endpoint(e: Endpoint): number {
		let place = this.#places.get(e);
		if (place !== undefined) return place;
		// What was unpacked before is no longer the same object.
		const key = JSON.stringify(e);
		place = this.#endpoints.get(key) ?? this.#add(e);
		this.#places.set(e, place);
		this.#endpoints.set(key, place);
		return place;
	}

	#add({ address, port, health, weight, priority, locality, origin, ...more }: Endpoint): number {
		const place = this.endpoints.push([
			...([address, port, this.#text(health), weight, priority, this.#text(locality), this.#text(more)] as const),
			...this.#origin(origin),
		]);
		return place - 1;
	}

	#origin(origin: Endpoint["origin"]): [] | [Text, Text | null, string | null, number | null] {
		if (!origin) return [];
		const { target, object, revision, at } = origin;
		const time = at?.getTime();
		const since = time === undefined ? null : time - this.#before;
		this.#before = time ?? this.#before;
		return [this.#text(target), object === undefined ? null : this.#text(object), revision ?? null, since];
	}

	#text(value: unknown): number {
		const text = JSON.stringify(value);
		const known = this.#texts.get(text);
		if (known !== undefined) return known;
		const place = this.texts.push(text) - 1;
		this.#texts.set(text, place);
		return place;
	}
}
