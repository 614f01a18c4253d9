/** Calls of one address at once, and in a second: a client of discovery keeps its streams. */
const AT_ONCE = 4_000;
const A_SECOND = 400;

interface Rate {
	left: number;
	/** Milliseconds. */
	at: number;
}

/** Streams that end soon after they were opened, by address: many short connections make them too. Pure: time is passed in. */
export class CallRates {
	readonly #rates = new Map<string, Rate>();

	/** @returns whether the address has made more than any peer needs, with this one. @param now milliseconds. */
	isTooMuch(address: string, now: number): boolean {
		const rate = this.#rates.get(address) ?? { left: AT_ONCE, at: now };
		this.#rates.set(address, rate);
		rate.left = leftAt(rate, now) - 1;
		rate.at = now;
		return rate.left < 0;
	}

	/** Forgets who has made no call for a while. */
	forget(now: number): void {
		for (const [address, rate] of this.#rates) if (leftAt(rate, now) === AT_ONCE) this.#rates.delete(address);
	}
}

function leftAt({ left, at }: Rate, now: number): number {
	return Math.min(AT_ONCE, left + ((now - at) / 1_000) * A_SECOND);
}
