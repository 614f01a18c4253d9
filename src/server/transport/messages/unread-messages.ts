import { type Limits, shareOf } from "../../../model/limits.js";
import { Shares } from "../../../util/shares.js";

/** Above this, a message is a large one. Envoy's first request has some 61 kB. */
const LARGE = 128 * 1024;

/** Room in memory for a message, until it is given back. */
export interface Room {
	giveBack(): void;
}

interface Waiting {
	readonly peer: string;
	readonly bytes: number;
	readonly granted: (room: Room) => void;
}

/**
 * The memory for messages that have not come whole. Room for all of a message is taken when its length
 * is known; who finds none waits, unread. Large and small ones have a half each, so that large ones
 * hold up nobody's first request.
 */
export class UnreadMessages {
	readonly #large: Shares;
	readonly #small: Shares;
	readonly #waiting = new Set<Waiting>();

	constructor(limits: () => Limits) {
		const half = () => limits().unreadBytes / 2;
		// One message fits, however large it may be.
		const share = () => shareOf(half(), limits().messageBytes);
		this.#large = new Shares(half, share);
		this.#small = new Shares(half, share);
	}

	get taken(): number {
		return this.#large.taken + this.#small.taken;
	}

	/**
	 * @param peer its address.
	 * @param granted called when there is room, at once or later.
	 * @returns gives up waiting.
	 */
	ask(peer: string, bytes: number, granted: (room: Room) => void): () => void {
		const wish = { peer, bytes, granted };
		if (this.#grant(wish)) return () => {};
		this.#waiting.add(wish);
		return () => this.#waiting.delete(wish);
	}

	#grant({ peer, bytes, granted }: Waiting): boolean {
		const shares = bytes > LARGE ? this.#large : this.#small;
		if (!shares.take(peer, bytes)) return false;
		let given = false;
		granted({
			giveBack: () => {
				if (given) return;
				given = true;
				shares.give(peer, bytes);
				this.#lookAgain();
			},
		});
		return true;
	}

	#lookAgain(): void {
		for (const wish of this.#waiting) if (this.#grant(wish)) this.#waiting.delete(wish);
	}
}
