// As a whole: by name, an older Node could not load it, and nothing could say then that it is too old.
import crypto from "node:crypto";
import { addressOf, compareText, type Endpoint, readyEndpoints } from "../endpoint.js";
import { localityKey } from "../locality.js";

/** Clients are in so many groups; those of a group get the same endpoints. */
export const GROUPS = 64;

/** So many groups at least have each endpoint: then it has at most a fourth more, or less, of them than the mean. */
const LEAST_COVER = 4;

/** How many endpoints a client gets at least. */
export interface SubsetSettings {
	readonly size: number;
}

/** The group of a client: the same on every replica, and as long as its name is the same. */
export function groupOf(name: string): number {
	return crypto.hash("sha256", name, "buffer").readUInt32BE(0) % GROUPS;
}

/** The endpoints of a ring, in order of a hash of their address. */
type Ring = readonly Endpoint[];

interface Rings {
	readonly rings: readonly Ring[];
	/** How many endpoints each priority has. */
	readonly counts: ReadonlyMap<number, number>;
}

const KNOWN = new WeakMap<readonly Endpoint[], Rings>();

/**
 * The endpoints of a service that clients of a group get: of each priority and locality a part as large as that of all
 * others, so that zones keep their balance. Only ready ones are given. An endpoint that comes or goes changes a place or
 * two of a set in its locality, and one at most in another.
 * @param endpoints in canonical order.
 * @returns in canonical order; undefined where it would be all of them, or none.
 */
export function subsetOf(
	endpoints: readonly Endpoint[],
	{ size }: SubsetSettings,
	group: number,
): readonly Endpoint[] | undefined {
	if (endpoints.length <= size) return undefined;
	const { rings, counts } = ringsOf(endpoints);
	const chosen = new Set<Endpoint>();
	let isPart = false;
	for (const ring of rings) {
		const { length } = ring;
		const ofPriority = counts.get((ring[0] as Endpoint).priority) as number;
		const share = Math.ceil((size * length) / ofPriority);
		const count = Math.min(length, Math.max(share, Math.ceil((LEAST_COVER * length) / GROUPS)));
		isPart ||= count < length;
		const start = Math.floor((group * length) / GROUPS);
		for (let i = 0; i < count; i++) chosen.add(ring[(start + i) % length] as Endpoint);
	}
	return isPart ? endpoints.filter((e) => chosen.has(e)) : undefined;
}

function ringsOf(endpoints: readonly Endpoint[]): Rings {
	let known = KNOWN.get(endpoints);
	if (!known) {
		const ready = readyEndpoints(endpoints);
		const counts = new Map<number, number>();
		for (const { priority } of ready) counts.set(priority, (counts.get(priority) ?? 0) + 1);
		const places = Map.groupBy(ready, ({ priority, locality }) => `${priority}\0${localityKey(locality)}`);
		known = { counts, rings: [...places.values()].map(inRing) };
		KNOWN.set(endpoints, known);
	}
	return known;
}

function inRing(members: readonly Endpoint[]): Ring {
	return members
		.map((e) => ({ e, at: crypto.hash("sha256", addressOf(e), "hex").slice(0, 16) }))
		.sort((a, b) => compareText(a.at, b.at))
		.map(({ e }) => e);
}
