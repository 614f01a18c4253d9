/** Milliseconds for which the same is not told again. */
const AGAIN_MS = 10 * 60_000;
/** Who was told of lately; the oldest make room. */
const MAX_PEERS = 2_000;

/** What is worth a line once a peer, such as why it is refused: it comes again and again. Pure: time is passed in. */
export class ToldOnce {
	readonly #told = new Map<string, number>();

	/** @param now milliseconds. @returns whether it is to be told: it is new, or ten minutes are over. */
	isNew(peer: string, what: string, now: number): boolean {
		const key = `${peer} ${what}`;
		const before = this.#told.get(key);
		if (before !== undefined && now - before < AGAIN_MS) return false;
		this.#told.delete(key);
		this.#told.set(key, now);
		if (this.#told.size > MAX_PEERS) this.#told.delete(this.#told.keys().next().value as string);
		return true;
	}
}
