import type { Cursor, Subscriber } from "../../../cache/change-feed.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import { MAX_ENTERED } from "../../../cache/subscriber-index.js";
import type { WantedNames } from "../subscription/wanted-names.js";

const NONE: ReadonlySet<string> = new Set();

/**
 * What a delta stream wants: the names that it began with, which it may share, and what came and
 * went since.
 */
export class DeltaNames implements WantedNames {
	#set: ResourceSet;
	readonly #subscriber: Subscriber;
	#wildcard = false;
	#initial = NONE;
	#cursor: Cursor | undefined;
	#added: Set<string> | undefined;
	/** What came beyond that, which is too much to be subscribed to name by name. */
	#many: Set<string> | undefined;
	/** Initial names that were unsubscribed since. */
	#dropped: Set<string> | undefined;

	constructor(set: ResourceSet, subscriber: Subscriber) {
		this.#set = set;
		this.#subscriber = subscriber;
	}

	get wildcard(): boolean {
		return this.#wildcard;
	}

	get all(): boolean {
		return this.#wildcard && this.#set.type.listed;
	}

	/** How many names are asked for one by one. */
	get size(): number {
		return this.#initial.size - (this.#dropped?.size ?? 0) + (this.#added?.size ?? 0) + (this.#many?.size ?? 0);
	}

	get followed(): ReadonlySet<string> {
		return this.#initial;
	}

	get cursor(): Cursor | undefined {
		return this.#cursor;
	}

	get areShareable(): boolean {
		return !this.#wildcard && !this.#dropped?.size;
	}

	has(name: string): boolean {
		if (this.#initial.has(name)) return !this.#dropped?.has(name);
		return this.#added?.has(name) || this.#many?.has(name) || false;
	}

	wants(name: string): boolean {
		return this.all || this.has(name);
	}

	*[Symbol.iterator](): Iterator<string> {
		for (const name of this.#initial) if (!this.#dropped?.has(name)) yield name;
		yield* this.#added ?? [];
		yield* this.#many ?? [];
	}

	/** @param names of a stream that has none. */
	begin(names: ReadonlySet<string>): void {
		this.#initial = names;
		this.#cursor = this.#set.follow(names, this.#subscriber);
	}

	add(name: string): void {
		if (this.#initial.has(name)) {
			this.#dropped?.delete(name);
			return;
		}
		this.#added ??= new Set();
		if (this.#added.has(name) || this.#many?.has(name)) return;
		if (this.#added.size >= MAX_ENTERED) this.#addToMany(name);
		else {
			this.#added.add(name);
			this.#set.subscribe(name, this.#subscriber);
		}
	}

	/** @returns whether it was there. */
	delete(name: string): boolean {
		if (!this.has(name)) return false;
		if (this.#initial.has(name)) {
			this.#dropped ??= new Set();
			this.#dropped.add(name);
		} else if (this.#added?.delete(name)) this.#set.unsubscribe(name, this.#subscriber);
		else if (this.#many?.delete(name)) this.#set.droppedOfMany(name);
		if (this.size === 0) {
			// What a wildcard wants may have changed among the names that are given up.
			this.#cursor?.read();
			this.#clear();
		}
		return true;
	}

	subscribeAll(): void {
		this.#wildcard = true;
		this.#set.subscribeAll(this.#subscriber);
	}

	unsubscribeAll(): void {
		this.#wildcard = false;
		this.#set.unsubscribeAll(this.#subscriber);
	}

	moveTo(set: ResourceSet): void {
		const [initial, added, many, dropped, wildcard] = [
			this.#initial,
			this.#added,
			this.#many,
			this.#dropped,
			this.#wildcard,
		];
		const cursor = this.#cursor && set.follow(initial, this.#subscriber);
		for (const name of added ?? []) set.subscribe(name, this.#subscriber);
		if (many) set.subscribeMany(many, this.#subscriber);
		this.close();
		this.#set = set;
		if (wildcard) this.subscribeAll();
		[this.#initial, this.#cursor, this.#added, this.#many, this.#dropped] = [initial, cursor, added, many, dropped];
	}

	close(): void {
		this.unsubscribeAll();
		this.#clear();
	}

	#addToMany(name: string): void {
		if (!this.#many) {
			this.#many = new Set();
			this.#set.subscribeMany(this.#many, this.#subscriber);
		}
		this.#many.add(name);
	}

	#clear(): void {
		if (this.#cursor) this.#set.unfollow(this.#initial, this.#cursor);
		this.#cursor = undefined;
		for (const name of this.#added ?? []) this.#set.unsubscribe(name, this.#subscriber);
		if (this.#many) this.#set.unsubscribeMany(this.#many, this.#subscriber);
		this.#initial = NONE;
		this.#added = undefined;
		this.#many = undefined;
		this.#dropped = undefined;
	}
}
