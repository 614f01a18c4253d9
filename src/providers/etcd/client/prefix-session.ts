import { Backoff } from "../../../util/backoff.js";
import type { FingerpostError } from "../../../util/errors.js";
import type { WatchResponse } from "./etcd-calls.js";
import type { EtcdFailed } from "./etcd-errors.js";
import { type FollowedPrefix, readingOf } from "./followed-prefix.js";
import type { PrefixWatcher, StreamWatch, WatchStream } from "./watch-stream.js";

/** What a prefix needs of the session with a server. */
export interface SessionPart {
	readonly backoff: readonly [first: number, longest: number];
	/** Lists the prefix, in its turn; the revision. */
	list(followed: FollowedPrefix): Promise<number>;
	/** The stream of watches as it is now. */
	readonly stream: WatchStream;
	/** The failure of a watch that was refused. */
	refusal(reason: string, what: string): EtcdFailed;
	/** Gets a new token, and a new stream on which the watches go on: see resume(). */
	renew(): void;
	/**
	 * Decides what a failure concerns.
	 * @returns `retry` where it is the prefix alone, `now` where trying again cures it; undefined where the session is over.
	 */
	failed(error: unknown): { readonly when: "retry" | "now"; readonly error: FingerpostError } | undefined;
}

/** So often in a row a list may be outdated by compactions before that is a failure. */
const MILD = 2;

/** A prefix in a session with one server: listed, then watched from there, and listed again where that is needed. */
export class PrefixSession implements PrefixWatcher {
	readonly followed: FollowedPrefix;
	readonly #session: SessionPart;
	readonly #backoff: Backoff;
	#revision: number | undefined;
	#watch: StreamWatch | undefined;
	#retry: NodeJS.Timeout | undefined;
	#settle: NodeJS.Immediate | undefined;
	#ended = false;
	#mild = 0;
	/** How many events came: whether some came meanwhile. */
	#events = 0;
	/** Whether events were told that are not settled yet: the rest of their revision is still to come. */
	#partial = false;
	/** The number of events at which a check has counted other keys than are known. */
	#miscounted: number | undefined;
	#open = false;

	constructor(followed: FollowedPrefix, session: SessionPart) {
		this.followed = followed;
		this.#session = session;
		const [base, max] = session.backoff;
		this.#backoff = new Backoff({ base, max });
	}

	get prefix(): Buffer {
		return this.followed.prefix;
	}

	/** Whether it has been listed and is watched. */
	get isOpen(): boolean {
		return this.#open;
	}

	get pendingSince(): number | undefined {
		return this.#watch?.pendingSince;
	}

	get events(): number {
		return this.#events;
	}

	/** Lists, unless a revision is known, and watches from there. Never rejects. */
	async begin(): Promise<void> {
		try {
			if (this.#revision === undefined) {
				const revision = await this.#session.list(this.followed);
				if (this.#ended) return;
				this.#revision = revision;
				const telling = this.followed.observer.listed();
				if (telling instanceof Promise) await telling;
				if (this.#ended || this.#revision === undefined) return;
			}
			this.#watch = this.#session.stream.watch(this, this.#revision + 1);
		} catch (error) {
			if (!this.#ended) this.mishap(error);
		}
	}

	/** Watches from the last known revision, on a new stream. */
	resume(): void {
		this.#open = false;
		this.#watch = undefined;
		// One that is being listed, or waits, begins by itself.
		if (this.#revision !== undefined && !this.#retry) void this.begin();
	}

	/** A failure of the list, the watch or a check. */
	mishap(error: unknown): void {
		const decided = this.#session.failed(error);
		if (!decided || this.#ended) return;
		this.#drop();
		if (decided.when === "now" && ++this.#mild <= MILD) {
			void this.begin();
			return;
		}
		this.#retry = setTimeout(() => {
			this.#retry = undefined;
			void this.begin();
		}, this.#backoff.next());
		this.followed.observer.failed(decided.error);
	}

	end(): void {
		this.#ended = true;
		this.#drop();
	}

	opened(): void {
		this.#open = true;
	}

	arrived({ header, events, fragment }: WatchResponse): void {
		this.#works();
		// A revision that is not complete yet is told again if the watch has to go on from here.
		if (header && !fragment) this.#revision = Math.max(this.#revision ?? 0, header.revision);
		this.#events += events.length;
		this.#partial ||= events.length > 0;
		if (events.length > 0) this.followed.observer.changed(events);
		if (fragment || !this.#partial) return;
		this.#partial = false;
		this.#settle ??= setImmediate(() => this.#settled());
	}

	refused(reason: string, compacted: boolean): void {
		this.#watch = undefined;
		this.#open = false;
		if (compacted) {
			this.mishap(new Compacted());
			return;
		}
		const refusal = this.#session.refusal(reason, readingOf(this.prefix));
		// The token of the stream has expired: watches that have begun go on, new ones need a new stream.
		if (refusal.kind === "token" && ++this.#mild <= MILD) this.#session.renew();
		else this.mishap(refusal);
	}

	/**
	 * A check has counted the keys, and no event came meanwhile. One that is on its way may explain another number, but not
	 * two times: then events were lost, and the prefix is listed again.
	 */
	counted(count: number): void {
		this.#works();
		const { observer } = this.followed;
		const since = this.#miscounted;
		this.#miscounted = undefined;
		if (count === observer.size) observer.confirmed();
		else if (since !== this.#events) this.#miscounted = this.#events;
		else {
			this.#drop();
			void this.begin();
		}
	}

	#works(): void {
		this.#mild = 0;
		this.#backoff.reset();
	}

	#settled(): void {
		this.#settle = undefined;
		if (!this.#ended) this.followed.observer.settled();
	}

	#drop(): void {
		this.#watch?.end();
		this.#watch = undefined;
		this.#open = false;
		this.#revision = undefined;
		clearTimeout(this.#retry);
		this.#retry = undefined;
		if (this.#settle) {
			clearImmediate(this.#settle);
			this.#settled();
		}
	}
}

/** The watch would begin before what etcd still has: a new list is the cure. */
export class Compacted extends Error {
	constructor() {
		super("etcd compacted what was to be watched, again and again");
	}
}
