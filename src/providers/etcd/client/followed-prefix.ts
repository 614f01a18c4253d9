import type { FingerpostError } from "../../../util/errors.js";
import type { KeyValue, WatchEvent } from "./etcd-calls.js";

/** Who wants to know the keys of a prefix. */
export interface KeysObserver {
	/** A list begins: what it brings replaces what is known, once it is complete. */
	listing(): void;
	/** Some of its keys. */
	page(keys: readonly KeyValue[]): void | Promise<void>;
	/** The list is complete; what comes after it is told when this is done. */
	listed(): void | Promise<void>;
	/** Keys were written or have gone, expired ones too. Told as they come; see settled(). */
	changed(events: readonly WatchEvent[]): void;
	/** What came together has been told. */
	settled(): void;
	/** What was told is up to date. */
	confirmed(): void;
	/** What was told may be out of date, until the next confirmed() or listed(). */
	failed(error: FingerpostError): void;
	/** The keys that it knows. */
	readonly size: number;
	/** How many it takes; more are a failure, seen before they are read. */
	most(): number;
}

/** A prefix that is followed, whatever server is asked. */
export interface FollowedPrefix {
	readonly prefix: Buffer;
	readonly observer: KeysObserver;
}

/** `read the keys that begin with "web/"`, for messages. */
export function readingOf(prefix: Buffer): string {
	return `read the keys that begin with ${JSON.stringify(prefix.toString())}`;
}
