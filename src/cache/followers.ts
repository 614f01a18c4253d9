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

/** A subscriber that need not be told at once: it catches up when its turn has come. */
export interface PatientSubscriber extends Subscriber {
	/** There are changes of the names that it follows, and it is to catch up. */
	behind(): void;
	/** As changed(), told later. @param previous the version there was before. */
	missed(name: string, at: number, previous: string | undefined): void;
}

interface Change {
	/** Counted from the first. */
	readonly number: number;
	readonly name: string;
	readonly at: number;
	/** Its version alone: who does not read is not to keep in memory what there was. */
	readonly previous: string | undefined;
	next: Change | undefined;
}

/** Nobody is behind by more than twice as many changes: a client that does not read is no reason to remember more. */
const MAX_BEHIND = 512;

/**
 * The subscribers of one set of names. A change is written down once, whoever wants it, and each takes note of it when its turn
 * has come: of what changes a thousand times before that, it looks at the names once.
 */
export class Followers {
	readonly #all = new Map<Subscriber, Follower>();
	/** Those that know of everything. */
	#upToDate = new Set<Follower>();
	#last: Change = { number: 0, name: "", at: 0, previous: undefined, next: undefined };

	get size(): number {
		return this.#all.size;
	}

	get last(): Change {
		return this.#last;
	}

	/** @param subscriber one that is not there yet. */
	add(subscriber: Subscriber): Follower {
		const follower = new Follower(this, subscriber);
		this.#all.set(subscriber, follower);
		this.#upToDate.add(follower);
		return follower;
	}

	delete(follower: Follower): void {
		this.#all.delete(follower.subscriber);
		this.#upToDate.delete(follower);
	}

	has(subscriber: Subscriber): boolean {
		return this.#all.has(subscriber);
	}

	tell(name: string, at: number, previous: EncodedResource | undefined): void {
		const number = this.#last.number + 1;
		const change: Change = { number, name, at, previous: previous?.version, next: undefined };
		this.#last.next = change;
		this.#last = change;
		const upToDate = this.#upToDate;
		this.#upToDate = new Set();
		for (const follower of upToDate) {
			const { subscriber } = follower;
			if (isPatient(subscriber)) subscriber.behind();
			else {
				follower.forgo();
				subscriber.changed(name, at, previous);
			}
		}
		if (number % MAX_BEHIND > 0) return;
		for (const follower of this.#all.values()) if (follower.place <= number - MAX_BEHIND) follower.catchUp();
	}

	caughtUp(follower: Follower): void {
		if (this.#all.has(follower.subscriber)) this.#upToDate.add(follower);
	}
}

/** A subscriber's place among the changes of the names that it follows. */
export class Follower {
	readonly subscriber: Subscriber;
	readonly #followers: Followers;
	#place: Change;

	constructor(followers: Followers, subscriber: Subscriber) {
		this.#followers = followers;
		this.subscriber = subscriber;
		this.#place = followers.last;
	}

	/** The number of the last change that it was told of. */
	get place(): number {
		return this.#place.number;
	}

	/** The number of the last change of all. */
	get last(): number {
		return this.#followers.last.number;
	}

	/** Whether nobody else follows the same names. */
	get isAlone(): boolean {
		return this.#followers.size === 1;
	}

	/** Known by its identity: the same for those who follow the same names. */
	get crowd(): object {
		return this.#followers;
	}

	/** Whether there are changes that the subscriber was not told of. */
	get isBehind(): boolean {
		return this.#place.next !== undefined;
	}

	/** Tells the subscriber of what it was not told of. */
	catchUp(): void {
		const { subscriber } = this;
		if (!this.#place.next || !isPatient(subscriber)) return;
		// Of the first one the subscriber may see that it knows the others, and forgo them.
		while (this.#place.next) {
			const { name, at, previous } = this.#place.next;
			this.#place = this.#place.next;
			subscriber.missed(name, at, previous);
		}
		this.#followers.caughtUp(this);
	}

	/** The subscriber need not be told: it knows by other means. */
	forgo(): void {
		this.#place = this.#followers.last;
		this.#followers.caughtUp(this);
	}

	leave(): void {
		this.#followers.delete(this);
	}
}

function isPatient(subscriber: Subscriber): subscriber is PatientSubscriber {
	return "behind" in subscriber;
}
