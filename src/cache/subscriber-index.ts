import type { EncodedResource } from "../resources/encoded-resource.js";
import { type Follower, Followers, type Subscriber } from "./followers.js";

/**
 * Who wants which names. A crowd of streams wants the same: a set of names that many of them share stands in the index
 * once, and each of them is one entry, however many names there are.
 */
export class SubscriberIndex {
	readonly #byName = new Map<string, Set<Subscriber>>();
	readonly #bySet = new Map<ReadonlySet<string>, Followers>();
	/** Of each name the followers of every set that has it. */
	readonly #setsByName = new Map<string, Set<Followers>>();

	has(name: string): boolean {
		return this.#byName.has(name) || this.#setsByName.has(name);
	}

	/** Whether the subscriber wants the name, by itself or in a set. */
	tells(name: string, subscriber: Subscriber): boolean {
		if (this.#byName.get(name)?.has(subscriber)) return true;
		for (const followers of this.#setsByName.get(name) ?? []) if (followers.has(subscriber)) return true;
		return false;
	}

	/** How many subscriptions to a name there are. */
	get size(): number {
		let count = 0;
		for (const subscribers of this.#byName.values()) count += subscribers.size;
		for (const [names, followers] of this.#bySet) count += names.size * followers.size;
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
	follow(names: ReadonlySet<string>, subscriber: Subscriber): Follower {
		const known = this.#bySet.get(names);
		if (known) return known.add(subscriber);
		const followers = new Followers();
		this.#bySet.set(names, followers);
		for (const name of names) {
			const sets = this.#setsByName.get(name);
			if (sets) sets.add(followers);
			else this.#setsByName.set(name, new Set([followers]));
		}
		return followers.add(subscriber);
	}

	/** @returns whether it was the last follower of that set. */
	leave(names: ReadonlySet<string>, follower: Follower): boolean {
		follower.leave();
		const followers = this.#bySet.get(names);
		if (!followers || followers.size > 0) return false;
		this.#bySet.delete(names);
		for (const name of names) {
			const sets = this.#setsByName.get(name);
			sets?.delete(followers);
			if (sets?.size === 0) this.#setsByName.delete(name);
		}
		return true;
	}

	tell(name: string, at: number, previous: EncodedResource | undefined): void {
		for (const subscriber of this.#byName.get(name) ?? []) subscriber.changed(name, at, previous);
		for (const followers of this.#setsByName.get(name) ?? []) followers.tell(name, at, previous);
	}
}
