import type { EncodedResource } from "../resources/encoded-resource.js";

/** Who is told of changes: what one stream wants of one type. */
export interface Subscriber {
	/**
	 * The resource of that name was added, changed or removed, or what is known of it changed.
	 * @param at when the change was made, in milliseconds of `performance.now()`.
	 * @param previous the resource as it was before, if it was there.
	 */
	changed(name: string, at: number, previous: EncodedResource | undefined): void;
	/**
	 * What is not there by now does not exist, or is overdue; told to those who subscribe to all.
	 * @param at as in changed().
	 */
	settled?(at: number): void;
}

/** A subscriber that is told only that there are changes. It reads them when its turn has come. */
export interface LazySubscriber extends Subscriber {
	/** There are changes to read. Called once, until it has read them. */
	behind(): void;
	/** As changed(), when the change is read. @param previous the version that there was before. */
	missed(name: string, at: number, previous: string | undefined): void;
}

interface Change {
	/** Counted from the first. */
	readonly number: number;
	readonly name: string;
	readonly at: number;
	/** The version alone: a subscriber that does not read must not keep the resource in memory. */
	readonly previous: string | undefined;
	next: Change | undefined;
}

/** No cursor lags by more than twice this many changes: it is made to read them. */
const MAX_BEHIND = 512;

/**
 * The changes of one set of names, for all that subscribe to this set. A change is one entry of a
 * linked list, however many subscribers there are. Each subscriber has a cursor in the list;
 * entries that all cursors have passed are garbage.
 */
export class ChangeFeed {
	readonly #cursors = new Map<Subscriber, Cursor>();
	/** The cursors that have read everything. */
	#upToDate = new Set<Cursor>();
	#last: Change = { number: 0, name: "", at: 0, previous: undefined, next: undefined };

	/** How many subscribers there are. */
	get size(): number {
		return this.#cursors.size;
	}

	/** The newest change. */
	get last(): Change {
		return this.#last;
	}

	/** @param subscriber one that is not there yet. */
	add(subscriber: Subscriber): Cursor {
		const cursor = new Cursor(this, subscriber);
		this.#cursors.set(subscriber, cursor);
		this.#upToDate.add(cursor);
		return cursor;
	}

	delete(cursor: Cursor): void {
		this.#cursors.delete(cursor.subscriber);
		this.#upToDate.delete(cursor);
	}

	has(subscriber: Subscriber): boolean {
		return this.#cursors.has(subscriber);
	}

	tell(name: string, at: number, previous: EncodedResource | undefined): void {
		const number = this.#last.number + 1;
		const change: Change = { number, name, at, previous: previous?.version, next: undefined };
		this.#last.next = change;
		this.#last = change;
		const upToDate = this.#upToDate;
		this.#upToDate = new Set();
		for (const cursor of upToDate) {
			const { subscriber } = cursor;
			if (isLazy(subscriber)) subscriber.behind();
			else {
				cursor.skip();
				subscriber.changed(name, at, previous);
			}
		}
		if (number % MAX_BEHIND > 0) return;
		for (const cursor of this.#cursors.values()) if (cursor.position <= number - MAX_BEHIND) cursor.read();
	}

	/** For cursors alone: this one has reached the end. */
	reachedBy(cursor: Cursor): void {
		if (this.#cursors.has(cursor.subscriber)) this.#upToDate.add(cursor);
	}
}

/** How far a subscriber has read a change feed. */
export class Cursor {
	readonly subscriber: Subscriber;
	/** Subscribers of the same names have the same feed. */
	readonly feed: ChangeFeed;
	#at: Change;

	constructor(feed: ChangeFeed, subscriber: Subscriber) {
		this.feed = feed;
		this.subscriber = subscriber;
		this.#at = feed.last;
	}

	/** The number of the last change that was read. */
	get position(): number {
		return this.#at.number;
	}

	/** Whether there are changes to read. */
	get isBehind(): boolean {
		return this.#at.next !== undefined;
	}

	/** Tells the subscriber of all changes that it has not read. */
	read(): void {
		const { subscriber } = this;
		if (!isLazy(subscriber)) return;
		// At any change the subscriber may skip the rest.
		while (this.#at.next) {
			const { name, at, previous } = this.#at.next;
			this.#at = this.#at.next;
			subscriber.missed(name, at, previous);
		}
		this.feed.reachedBy(this);
	}

	/** Passes over all changes: the subscriber knows of them by other means. */
	skip(): void {
		this.#at = this.feed.last;
		this.feed.reachedBy(this);
	}

	leave(): void {
		this.feed.delete(this);
	}
}

function isLazy(subscriber: Subscriber): subscriber is LazySubscriber {
	return "behind" in subscriber;
}
