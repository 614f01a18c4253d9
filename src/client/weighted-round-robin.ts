/** Something to choose, with a weight above 0. */
export interface Weighted {
	readonly weight: number;
}

/**
 * Smooth weighted round robin: each in proportion to its weight, spread as evenly as it goes. When the choices change,
 * those that stay keep their turn.
 */
export class WeightedRoundRobin<T extends Weighted> {
	readonly #keyOf: (item: T) => string;
	#items: { readonly item: T; readonly key: string; current: number }[] = [];

	/** @param keyOf by what an item is known when the choices change. */
	constructor(keyOf: (item: T) => string) {
		this.#keyOf = keyOf;
	}

	set(items: readonly T[]): void {
		const before = new Map(this.#items.map(({ key, current }) => [key, current]));
		this.#items = items.map((item) => {
			const key = this.#keyOf(item);
			return { item, key, current: before.get(key) ?? 0 };
		});
	}

	/** The next one, or undefined if there is none. */
	next(): T | undefined {
		let best: { readonly item: T; current: number } | undefined;
		let total = 0;
		for (const entry of this.#items) {
			entry.current += entry.item.weight;
			total += entry.item.weight;
			if (!best || entry.current > best.current) best = entry;
		}
		if (!best) return undefined;
		best.current -= total;
		return best.item;
	}
}
