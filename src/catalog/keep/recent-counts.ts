/** What goes within so many milliseconds counts as gone at once. */
export const AT_ONCE_MS = 5_000;
/** Counts of the same part of a second are one entry, so that there are few however often they change. */
const SLOT_MS = 250;

interface Entry {
	/** From when on, in milliseconds of `performance.now()`. */
	readonly at: number;
	count: number;
}

/** How many endpoints a target had in the last 5 s. */
export class RecentCounts {
	#entries: Entry[] = [];

	/** From now on there are so many. */
	set(count: number, now: number): void {
		const last = this.#entries.at(-1);
		if (last && now - last.at < SLOT_MS) last.count = Math.max(last.count, count);
		else this.#entries.push({ at: now, count });
	}

	/** Some have gone that were to go: they do not count as having been there. */
	without(gone: number): void {
		for (const entry of this.#entries) entry.count = Math.max(0, entry.count - gone);
	}

	/** Forgets what was, and starts with this count. */
	reset(count: number, now: number): void {
		this.#entries = [{ at: now, count }];
	}

	/** The most there were at any time of the last 5 s. */
	most(now: number): number {
		// What was there at the beginning of the time counts, too.
		while (this.#entries.length > 1 && (this.#entries[1] as Entry).at <= now - AT_ONCE_MS) this.#entries.shift();
		return this.#entries.reduce((most, { count }) => Math.max(most, count), 0);
	}
}
