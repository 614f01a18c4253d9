import type { EncodedResource } from "../resources/encoded-resource.js";
import { ChangeFeed, type Cursor, type Subscriber } from "./change-feed.js";

/**
 * A Set of more names is not entered name by name, which would hold up others: at each change it is
 * asked. So many names that there can be only a few such Sets.
 */
export const MAX_ENTERED = 8_192;

/**
 * Who subscribes to which names: one by one, or by a Set of names that many streams share. Such a
 * Set is in the index once, and each of its streams is one entry, however many names it has.
 * A name need not exist: who subscribes to it is told when it is created (R11).
 */
export class SubscriberIndex {
	readonly #maxEntered: number;
	readonly #byName = new Map<string, Set<Subscriber>>();
	readonly #feeds = new Map<ReadonlySet<string>, ChangeFeed>();
	/** The feeds in which a name can change. */
	readonly #feedsByName = new Map<string, Set<ChangeFeed>>();
	/** Those whose names are not entered. */
	readonly #largeFeeds = new Map<ReadonlySet<string>, ChangeFeed>();
	#changes = 0;
	/** Subscribers with names that are not entered. */
	readonly #asked = new Map<Subscriber, ReadonlySet<string>>();

	/** @param maxEntered names of a Set that are entered. */
	constructor(maxEntered = MAX_ENTERED) {
		this.#maxEntered = maxEntered;
	}

	has(name: string): boolean {
		if (this.#byName.has(name) || this.#feedsByName.has(name)) return true;
		for (const names of this.#largeFeeds.keys()) if (names.has(name)) return true;
		for (const names of this.#asked.values()) if (names.has(name)) return true;
		return false;
	}

	/** Every name that somebody subscribes to. */
	names(): ReadonlySet<string> {
		const many = [...this.#largeFeeds.keys(), ...this.#asked.values()];
		return new Set([...this.#byName.keys(), ...this.#feedsByName.keys(), ...many.flatMap((names) => [...names])]);
	}

	/** Whether tell() reaches the subscriber for the name. */
	tells(name: string, subscriber: Subscriber): boolean {
		if (this.#byName.get(name)?.has(subscriber) || this.#asked.get(subscriber)?.has(name)) return true;
		for (const feed of this.#feedsByName.get(name) ?? []) if (feed.has(subscriber)) return true;
		for (const [names, feed] of this.#largeFeeds) if (names.has(name) && feed.has(subscriber)) return true;
		return false;
	}

	/** Grows whenever somebody subscribes or ends it. */
	get changes(): number {
		return this.#changes;
	}

	/** How many subscribe to the name; who does so in two ways counts twice. */
	count(name: string): number {
		let count = this.#byName.get(name)?.size ?? 0;
		for (const names of this.#asked.values()) if (names.has(name)) count++;
		for (const feed of this.#feedsByName.get(name) ?? []) count += feed.size;
		for (const [names, feed] of this.#largeFeeds) if (names.has(name)) count += feed.size;
		return count;
	}

	/** How many subscriptions to a name there are. */
	get size(): number {
		let count = 0;
		for (const subscribers of this.#byName.values()) count += subscribers.size;
		for (const names of this.#asked.values()) count += names.size;
		for (const [names, feed] of this.#feeds) count += names.size * feed.size;
		return count;
	}

	add(name: string, subscriber: Subscriber): void {
		this.#changes++;
		const subscribers = this.#byName.get(name);
		if (subscribers) subscribers.add(subscriber);
		else this.#byName.set(name, new Set([subscriber]));
	}

	/** @returns whether it was there. */
	delete(name: string, subscriber: Subscriber): boolean {
		const subscribers = this.#byName.get(name);
		if (!subscribers?.delete(subscriber)) return false;
		this.#changes++;
		if (subscribers.size === 0) this.#byName.delete(name);
		return true;
	}

	/** @param names in place of those of before; they may change, and none is added by itself, too. */
	ask(names: ReadonlySet<string>, subscriber: Subscriber): void {
		this.#changes++;
		this.#asked.set(subscriber, names);
	}

	doNotAsk(subscriber: Subscriber): void {
		this.#changes++;
		this.#asked.delete(subscriber);
	}

	/** @param names known by identity; it must not change. */
	follow(names: ReadonlySet<string>, subscriber: Subscriber): Cursor {
		this.#changes++;
		const existing = this.#feeds.get(names);
		if (existing) return existing.add(subscriber);
		const feed = new ChangeFeed();
		this.#feeds.set(names, feed);
		if (names.size > this.#maxEntered) this.#largeFeeds.set(names, feed);
		else this.#enter(names, feed);
		return feed.add(subscriber);
	}

	/** @returns whether it was the last subscriber of that Set. */
	leave(names: ReadonlySet<string>, cursor: Cursor): boolean {
		this.#changes++;
		cursor.leave();
		const feed = this.#feeds.get(names);
		if (!feed || feed.size > 0) return false;
		this.#feeds.delete(names);
		if (this.#largeFeeds.delete(names)) return true;
		for (const name of names) {
			const feeds = this.#feedsByName.get(name);
			feeds?.delete(feed);
			if (feeds?.size === 0) this.#feedsByName.delete(name);
		}
		return true;
	}

	tell(name: string, at: number, previous: EncodedResource | undefined): void {
		for (const subscriber of this.#byName.get(name) ?? []) subscriber.changed(name, at, previous);
		for (const [subscriber, names] of this.#asked) if (names.has(name)) subscriber.changed(name, at, previous);
		for (const feed of this.#feedsByName.get(name) ?? []) feed.tell(name, at, previous);
		for (const [names, feed] of this.#largeFeeds) if (names.has(name)) feed.tell(name, at, previous);
	}

	#enter(names: ReadonlySet<string>, feed: ChangeFeed): void {
		for (const name of names) {
			const feeds = this.#feedsByName.get(name);
			if (feeds) feeds.add(feed);
			else this.#feedsByName.set(name, new Set([feed]));
		}
	}
}
