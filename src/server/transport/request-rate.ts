/** A request of so many bytes counts as one more: its cost grows with its names. */
const BYTES_PER_REQUEST = 64 * 1024;
/** A request that took longer than this also counts by its time. */
const LONG_MS = 2;
/**
 * Share of a second's requests that a wait is for at least: a stream is not woken for every single
 * one.
 */
const SHARE = 0.05;

/**
 * Limits how fast the requests of one stream are read: a second's worth at once, then at the rate.
 * Pure: time is passed in.
 */
export class RequestRate {
	#left: number | undefined;
	#at = 0;

	/**
	 * A request was taken.
	 * @param now milliseconds.
	 * @param took milliseconds that it took: a stream has no more than half of the server's time to
	 *   itself.
	 * @returns milliseconds for which the next is better left unread, and whether that is because
	 *   there were too many.
	 */
	take(
		perSecond: number,
		bytes: number,
		now: number,
		took: number,
	): { readonly wait: number; readonly tooMany: boolean } {
		const refilled = (this.#left ?? perSecond) + ((now - this.#at) / 1_000) * perSecond;
		this.#left = Math.min(perSecond, refilled) - 1 - Math.floor(bytes / BYTES_PER_REQUEST);
		this.#at = now;
		const rest = took > LONG_MS ? took : 0;
		if (this.#left > -1) return { wait: rest, tooMany: false };
		const owed = Math.max(-this.#left, perSecond * SHARE);
		return { wait: Math.max((owed / perSecond) * 1_000, rest), tooMany: true };
	}
}
