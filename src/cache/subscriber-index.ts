import type { EncodedResource } from "../resources/encoded-resource.js";

/** Who is told of changes: what one stream wants of one type. */
export interface Subscriber {
	/**
	 * The resource of that name was added, changed or removed, or what is known of it changed.
	 * @param at when the change was made, in milliseconds of `performance.now()`.
	 * @param previous the resource as it was before, if it was there.
	 */
	changed(name: string, at: number, previous: EncodedResource | undefined): void;
}

/**
 * Who wants which names. A crowd of streams wants the same: a set of names that many of them share stands in the index
 * once, and each of them is one entry, however many names there are.
 */
export class SubscriberIndex {
	readonly #byName = new Map<string, Set<Subscriber>>();
	readonly #bySet = new Map<ReadonlySet<string>, Set<Subscriber>>();
	/** Of each name the subscribers of every set that has it. */
	readonly #setsByName = new Map<string, Set<ReadonlySet<Subscriber>>>();

	has(name: string): boolean {
		return this.#byName.has(name) || this.#setsByName.has(name);
	}

	/** How many subscriptions to a name there are. */
	get size(): number {
		let count = 0;
		for (const subscribers of this.#byName.values()) count += subscribers.size;
		for (const [names, subscribers] of this.#bySet) count += names.size * subscribers.size;
		return count;
	}

	add(name: string, subscriber: Subscriber): void {
		const subscribers = this.#byName.get(name);
		if (subscribers) subscribers.add(subscriber);
		else this.#byName.set(name, new Set([subscriber]));
	}

	/** @returns whether it was there. */
	delete(name: string, subscriber: Subscriber): boolean {
		const subscribers = this.#byName.get(name);
		if (!subscribers?.delete(subscriber)) return false;
		if (subscribers.size === 0) this.#byName.delete(name);
		return true;
	}

	/** @param names is known by its identity, and does not change. */
	addSet(names: ReadonlySet<string>, subscriber: Subscriber): void {
		const known = this.#bySet.get(names);
		if (known) {
			known.add(subscriber);
			return;
		}
		const subscribers = new Set([subscriber]);
		this.#bySet.set(names, subscribers);
		for (const name of names) {
			const sets = this.#setsByName.get(name);
			if (sets) sets.add(subscribers);
			else this.#setsByName.set(name, new Set([subscribers]));
		}
	}

	/** @returns whether it was the last subscriber of that set. */
	deleteSet(names: ReadonlySet<string>, subscriber: Subscriber): boolean {
		const subscribers = this.#bySet.get(names);
		if (!subscribers?.delete(subscriber) || subscribers.size > 0) return false;
		this.#bySet.delete(names);
		for (const name of names) {
			const sets = this.#setsByName.get(name);
			sets?.delete(subscribers);
			if (sets?.size === 0) this.#setsByName.delete(name);
		}
		return true;
	}

	/** @param except are told by others. */
	tell(name: string, at: number, previous: EncodedResource | undefined, except: ReadonlySet<Subscriber>): void {
		for (const subscriber of this.#byName.get(name) ?? []) {
			if (!except.has(subscriber)) subscriber.changed(name, at, previous);
		}
		for (const subscribers of this.#setsByName.get(name) ?? []) {
			for (const subscriber of subscribers) {
				if (!except.has(subscriber)) subscriber.changed(name, at, previous);
			}
		}
	}
}
