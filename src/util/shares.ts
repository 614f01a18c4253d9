/** What of something limited is taken, by all and by each peer. */
export class Shares {
	readonly #total: () => number;
	readonly #share: () => number;
	readonly #byPeer = new Map<string, number>();
	#taken = 0;

	/** @param total what all may take. @param share what one of them may take. */
	constructor(total: () => number, share: () => number) {
		this.#total = total;
		this.#share = share;
	}

	get taken(): number {
		return this.#taken;
	}

	/** How many peers have something. */
	get peers(): number {
		return this.#byPeer.size;
	}

	takenBy(peer: string): number {
		return this.#byPeer.get(peer) ?? 0;
	}

	/** @returns whether there was room; if not, nothing is taken. */
	take(peer: string, amount = 1): boolean {
		const own = this.takenBy(peer) + amount;
		if (amount > 0 && (this.#taken + amount > this.#total() || own > this.#share())) return false;
		this.#taken += amount;
		if (own === 0) this.#byPeer.delete(peer);
		else this.#byPeer.set(peer, own);
		return true;
	}

	give(peer: string, amount = 1): void {
		this.take(peer, -amount);
	}
}
