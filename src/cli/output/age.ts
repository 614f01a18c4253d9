const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago that was, in the largest unit that fits: `12s`, `5m`, `3h`, `2d`. A time to come, by a clock that is off, is `0s`. */
export function formatAge(since: Date, now: Date): string {
	const seconds = Math.max(0, Math.floor((now.getTime() - since.getTime()) / 1_000));
	if (seconds < MINUTE) return `${seconds}s`;
	if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m`;
	if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
	return `${Math.floor(seconds / DAY)}d`;
}

/** The age of a date of the admin API; `-` where there is none. */
export function ageOf(iso: string | null, now: Date): string {
	return iso === null ? "-" : formatAge(new Date(iso), now);
}
