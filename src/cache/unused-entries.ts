import type { CacheEntry } from "./cache-entry.js";

/** So many sets without users are kept at most when another is made. */
const MAX_UNUSED = 16;
/** Milliseconds after which a set without users is dropped, though nothing has changed: a client that returns is back by then. */
const KEPT_MS = 10_000;

/** Drops entries without users. Of those of some names, or a place, the whole may be without users then, and goes with them. */
export function dropUnused(
	entries: Map<string, CacheEntry>,
	isKept: (entry: CacheEntry) => boolean = () => false,
): void {
	// Those of some names come after the whole that they use.
	for (const [key, entry] of [...entries].reverse()) {
		if (entry.users > 0 || isKept(entry)) continue;
		entries.delete(key);
		if (entry.whole) entry.whole.users--;
	}
}

/** Makes room for another entry where many have no users: those go that were made first. */
export function boundUnused(entries: Map<string, CacheEntry>): void {
	let left = 0;
	// From the newest on.
	dropUnused(entries, () => ++left < MAX_UNUSED);
}

/** Drops what has been without users for 10 s, but for one set of each type and view. @param now milliseconds. */
export function dropOld(entries: Map<string, CacheEntry>, now: number): void {
	const kept = new Set<string>();
	dropUnused(entries, (entry) => {
		entry.unusedSince ??= now;
		const key = `${entry.set.type.id} ${entry.view}`;
		if (kept.has(key)) return now - entry.unusedSince < KEPT_MS;
		kept.add(key);
		return true;
	});
}
