/** Something to choose, with a weight above 0. */
export interface Weighted {
	readonly weight: number;
}

/** The first round begins up to so many choices later: enough to spread the clients, cheap with very many choices. */
const MAX_SKIP = 256;

interface Choice<T> {
	readonly item: T;
	readonly key: string;
	/** How much of the total weight it is owed, or was given in advance. */
	credit: number;
}

/**
 * Smooth weighted round robin: each in proportion to its weight, spread as evenly as it goes. When the choices change,
 * those that stay keep their turn.
 */
export class WeightedRoundRobin<T extends Weighted> {
	readonly #keyOf: (item: T) => string;
	readonly #random: () => number;
	#choices: Choice<T>[] = [];
	#total = 0;

	/**
	 * @param keyOf by what an item is known when the choices change.
	 * @param random from 0 to below 1: where the first round begins, so that not every client begins with the same choice.
	 */
	constructor(keyOf: (item: T) => string, random: () => number = Math.random) {
		this.#keyOf = keyOf;
		this.#random = random;
	}

	/** From now on these; each key once. */
	set(items: readonly T[]): void {
		const before = new Map(this.#choices.map(({ key, credit }) => [key, credit]));
		const total = items.reduce((sum, { weight }) => sum + weight, 0);
		// A credit counts as a share of the total: one from large weights would else rule small ones for long.
		const scale = before.size > 0 ? total / this.#total : 0;
		const choices = items.map((item): Choice<T> => {
			const key = this.#keyOf(item);
			return { item, key, credit: Math.round((before.get(key) ?? 0) * scale) };
		});
		this.#choices = choices;
		this.#total = total;
		if (before.size > 0) return;
		for (let skip = Math.floor(this.#random() * Math.min(choices.length, MAX_SKIP)); skip > 0; skip--) this.next();
	}

	/** The next one, or undefined if there is none. */
	next(): T | undefined {
		let best: Choice<T> | undefined;
		for (const choice of this.#choices) {
			choice.credit += choice.item.weight;
			if (!best || choice.credit > best.credit) best = choice;
		}
		if (!best) return undefined;
		best.credit -= this.#total;
		return best.item;
	}
}
