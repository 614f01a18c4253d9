import type { Cursor, Subscriber } from "../../../cache/change-feed.js";
import type { ResourceSet } from "../../../cache/resource-set.js";

/**
 * The names that a stream wants of a type, and how far it has read their changes. Iterates over
 * those asked for one by one.
 */
export interface WantedNames extends Iterable<string> {
	/** Whether the name was asked for by itself. */
	has(name: string): boolean;
	/**
	 * Whether the stream gets the resource of that name: asked for by itself, or listed by a wildcard
	 * (R43).
	 */
	wants(name: string): boolean;
	/** Whether a wildcard lists the resources, so that all of them are wanted. */
	readonly all: boolean;
	/** Names that share a change feed, which the cursor reads. */
	readonly followed: ReadonlySet<string>;
	readonly cursor: Cursor | undefined;
	/**
	 * Whether all followed names are wanted, and nothing by a wildcard: then streams with the same
	 * ones get the same.
	 */
	readonly areShareable: boolean;
	/** Goes over to another set: what the present one tells from now on is not heard any more. */
	moveTo(set: ResourceSet): void;
	/** Ends all interest in changes. */
	close(): void;
}

/** @param Subscriber is told of changes. */
export type WantedNamesClass<Names extends WantedNames> = new (set: ResourceSet, subscriber: Subscriber) => Names;
