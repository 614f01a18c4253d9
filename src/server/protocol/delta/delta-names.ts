import type { Cursor, Subscriber } from "../../../cache/change-feed.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import { namesOf } from "../../wire/names/names.js";

const NONE: ReadonlySet<string> = new Set();

/** The names that a delta stream asks for one by one: those that it began with, which it may share, and what came and went since. */
export class DeltaNames implements Iterable<string> {
	readonly #set: ResourceSet;
	readonly #subscriber: Subscriber;
	#first = NONE;
	#cursor: Cursor | undefined;
	#more: Set<string> | undefined;
	/** Of the first those that were given up. */
	#less: Set<string> | undefined;

	constructor(set: ResourceSet, subscriber: Subscriber) {
		this.#set = set;
		this.#subscriber = subscriber;
	}

	/** Those that it began with. */
	get first(): ReadonlySet<string> {
		return this.#first;
	}

	get size(): number {
		return this.#first.size - (this.#less?.size ?? 0) + (this.#more?.size ?? 0);
	}

	/** Its place among the changes of those. */
	get cursor(): Cursor | undefined {
		return this.#cursor;
	}

	/** Whether it may be told of changes of names that it does not have. */
	get hasGivenUp(): boolean {
		return this.#less !== undefined && this.#less.size > 0;
	}

	has(name: string): boolean {
		return this.#first.has(name) ? !this.#less?.has(name) : (this.#more?.has(name) ?? false);
	}

	*[Symbol.iterator](): Iterator<string> {
		for (const name of this.#first) if (!this.#less?.has(name)) yield name;
		yield* this.#more ?? [];
	}

	/** @param list of a stream that has none. */
	begin(list: readonly string[]): void {
		this.clear();
		this.#first = namesOf(list);
		this.#cursor = this.#set.follow(this.#first, this.#subscriber);
	}

	add(name: string): void {
		if (this.#first.has(name)) {
			this.#less?.delete(name);
			return;
		}
		this.#more ??= new Set();
		this.#more.add(name);
		this.#set.subscribe(name, this.#subscriber);
	}

	/** @returns whether it was there. */
	delete(name: string): boolean {
		if (!this.has(name)) return false;
		if (this.#first.has(name)) {
			this.#less ??= new Set();
			this.#less.add(name);
		} else {
			this.#more?.delete(name);
			this.#set.unsubscribe(name, this.#subscriber);
		}
		if (this.size === 0) this.clear();
		return true;
	}

	clear(): void {
		if (this.#cursor) this.#set.unfollow(this.#first, this.#cursor);
		this.#cursor = undefined;
		for (const name of this.#more ?? []) this.#set.unsubscribe(name, this.#subscriber);
		this.#first = NONE;
		this.#more = undefined;
		this.#less = undefined;
	}
}
