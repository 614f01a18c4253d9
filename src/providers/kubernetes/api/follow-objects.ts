import { Backoff } from "../../../util/backoff.js";
import { FingerpostError, SourceFailed } from "../../../util/errors.js";
import { tracedLookUp } from "../../look-ups.js";
import { ApiError, ConnectionFailed } from "./api-errors.js";
import type { KubeConnection } from "./kube-connection.js";
import type { KubernetesTiming } from "./kubernetes-timing.js";
import { listObjects } from "./list-objects.js";
import { type KubeObject, type ObjectKind, within } from "./object-kind.js";
import { Pause } from "./pause.js";
import { watchObjects } from "./watch-objects.js";

export interface FollowObserver<T> {
	/** An object of a list that may still fail: what it needs can be done now, in turns of the loop. */
	arrived(object: T): void;
	/** All objects that there are. */
	listed(objects: readonly T[]): void;
	changed(object: T): void;
	deleted(object: T): void;
	/** All changes that arrived together have been told. */
	settled(): void;
	/** The objects that were told are up to date. */
	confirmed(): void;
	/** The objects that were told may be out of date, until the next confirmed() or listed(). */
	failed(error: FingerpostError): void;
}

export interface FollowOptions<T extends KubeObject> {
	readonly kind: ObjectKind<T>;
	/** Undefined: all namespaces. */
	readonly namespace: string | undefined;
	readonly timing: KubernetesTiming;
	/** Milliseconds between two lists that refresh() causes. */
	readonly minInterval: number;
}

/** So many watches or resource versions in a row may fail before observers are told. */
const MILD = 2;
/** The longest `Retry-After` that is obeyed. */
const LONGEST_WAIT_MS = 60_000;
/** The reason of a watch that ends for a refresh. */
const REFRESH = new Error("refresh");

/**
 * Lists a namespace's objects of a kind and watches them from there, until it is stopped. After the end of a
 * watch the next one continues from the last resource version. After a failure, or a watch that
 * ends at once, it waits for a back-off.
 */
export class FollowObjects<T extends KubeObject> {
	readonly #connection: KubeConnection;
	readonly #observer: FollowObserver<T>;
	readonly #options: FollowOptions<T>;
	readonly #backoff: Backoff;
	readonly #abort = new AbortController();
	readonly #pause = new Pause();
	/** Where to watch from; undefined: a list comes first. */
	#revision: string | undefined;
	#watch: AbortController | undefined;
	#refresh: NodeJS.Timeout | undefined;
	#confirm: NodeJS.Timeout | undefined;
	#listing = false;
	#listedAt = Number.NEGATIVE_INFINITY;
	/** No request before this: the server's `Retry-After`. */
	#notBefore = Number.NEGATIVE_INFINITY;
	/** Whether the objects that were told are up to date. */
	#healthy = false;
	/** Whether the server has yet to show that it knows the revision. */
	#doubtful = false;
	/** Failed watches and expired revisions since a watch last stayed open. */
	#mild = 0;

	constructor(connection: KubeConnection, observer: FollowObserver<T>, options: FollowOptions<T>) {
		this.#connection = connection;
		this.#observer = observer;
		this.#options = options;
		const [base, max] = options.timing.backoff;
		this.#backoff = new Backoff({ base, max });
	}

	start(): void {
		this.#confirm = setInterval(() => {
			if (this.#healthy) this.#observer.confirmed();
		}, this.#options.timing.confirm);
		void this.#run();
	}

	/** Ends requests and timers; tells nothing any more. */
	stop(): void {
		clearInterval(this.#confirm);
		clearTimeout(this.#refresh);
		this.#abort.abort();
		this.#pause.end();
		this.#connection.reset();
	}

	/** Lists again: now, or when the minimum interval since the last list is over. */
	refresh(): void {
		if (this.#abort.signal.aborted || this.#listing || this.#refresh) return;
		const now = performance.now();
		const at = Math.max(this.#listedAt + this.#options.minInterval, this.#notBefore);
		this.#refresh = setTimeout(
			() => {
				this.#refresh = undefined;
				// A list has run meanwhile, or runs now.
				if (this.#listing || this.#listedAt > now) return;
				this.#revision = undefined;
				this.#watch?.abort(REFRESH);
				this.#pause.end();
			},
			Math.max(0, at - now),
		);
	}

	async #run(): Promise<void> {
		const { signal } = this.#abort;
		while (!signal.aborted) {
			const wait = await this.#attempt(signal);
			if (wait > 0 && !signal.aborted) await this.#pause.begin(wait);
		}
	}

	/** @returns how many milliseconds to wait before the next one. */
	async #attempt(signal: AbortSignal): Promise<number> {
		try {
			const revision = this.#revision ?? (await this.#list(signal));
			if (await this.#follow(revision, signal)) return 0;
			if (++this.#mild > MILD) this.#failed(new SourceFailed(`${this.#what}: the API server ends it at once`));
			return this.#backoff.next();
		} catch (reason) {
			if (signal.aborted || reason === REFRESH) return 0;
			return this.#mishap(FingerpostError.from(reason));
		}
	}

	async #list(signal: AbortSignal): Promise<string> {
		const { kind, namespace, timing } = this.#options;
		this.#listing = true;
		try {
			const arrived = (object: T) => this.#observer.arrived(object);
			const { objects, revision } = await tracedLookUp(
				"kubernetes",
				`list ${kind.plural} in ${namespace ?? "all namespaces"}`,
				() => listObjects(this.#connection, { kind, namespace, timing, signal, arrived }),
				(list) => `${list.objects.length} of the revision ${list.revision}`,
			);
			this.#revision = revision;
			this.#doubtful = false;
			this.#healthy = true;
			this.#observer.listed(objects);
			return revision;
		} finally {
			this.#listing = false;
			this.#listedAt = performance.now();
		}
	}

	/** @returns whether the watch stayed open for a while. */
	async #follow(revision: string, signal: AbortSignal): Promise<boolean> {
		const { kind, namespace, timing } = this.#options;
		const watch = new AbortController();
		this.#watch = watch;
		let timer: NodeJS.Timeout | undefined;
		let steady = false;
		const observer = {
			opened: () => {
				timer = setTimeout(() => {
					steady = true;
					this.#works();
				}, timing.steady);
			},
			changed: (object: T) => this.#observer.changed(object),
			deleted: (object: T) => this.#observer.deleted(object),
			reached: (reached: string) => {
				this.#doubtful = false;
				if (!watch.signal.aborted) this.#revision = reached;
			},
			pause: () => this.#observer.settled(),
		};
		try {
			signal.throwIfAborted();
			const options = { kind, namespace, revision, timing, signal: AbortSignal.any([signal, watch.signal]) };
			const complete = await tracedLookUp(
				"kubernetes",
				`watch ${kind.plural} in ${namespace ?? "all namespaces"} from the revision ${revision}`,
				() => watchObjects(this.#connection, observer, options),
				(isComplete) => (isComplete ? "it ran its full time" : "the server ended it early"),
			);
			// After a failure it may be another server with older data, from a backup. If the
			// revision is in its future, its watch stays silent for ever: list again.
			if (complete && this.#doubtful) this.#revision = undefined;
			return steady;
		} finally {
			clearTimeout(timer);
			this.#watch = undefined;
			// Changes from before a failure are valid.
			if (!signal.aborted) this.#observer.settled();
		}
	}

	#works(): void {
		this.#mild = 0;
		this.#backoff.reset();
		if (this.#healthy) return;
		this.#healthy = true;
		this.#observer.confirmed();
	}

	#mishap(error: FingerpostError): number {
		this.#doubtful = true;
		if (error instanceof ConnectionFailed) this.#connection.reset();
		// An error of the server, or a garbled answer, may be due to the revision; a list needs
		// none.
		else if (!(error instanceof ApiError && error.isRefusal)) this.#revision = undefined;
		const gone = error instanceof ApiError && error.isGone;
		if (gone) this.#mild++;
		if (!gone || this.#mild > MILD) this.#failed(error);
		// The server answers again: the list must not wait as long as after the failures before.
		if (gone && this.#mild === 1) this.#backoff.reset();
		const asked = Math.min((error instanceof ApiError ? error.retryAfter : undefined) ?? 0, LONGEST_WAIT_MS);
		this.#notBefore = performance.now() + asked;
		return Math.max(this.#backoff.next(), asked);
	}

	#failed(error: FingerpostError): void {
		this.#healthy = false;
		this.#observer.failed(error);
	}

	get #what(): string {
		const { kind, namespace } = this.#options;
		return `cannot watch ${kind.plural} in ${within(namespace)}`;
	}
}
