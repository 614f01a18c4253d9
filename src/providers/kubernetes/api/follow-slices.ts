import { Backoff } from "../../../util/backoff.js";
import { FingerpostError, SourceFailed } from "../../../util/errors.js";
import { ApiError, ConnectionFailed } from "./api-errors.js";
import type { Slice } from "./endpoint-slice.js";
import type { KubeConnection } from "./kube-connection.js";
import type { KubernetesTiming } from "./kubernetes-timing.js";
import { listSlices } from "./list-slices.js";
import { Pause } from "./pause.js";
import { watchSlices } from "./watch-slices.js";

export interface FollowObserver {
	/** These are all slices that there are. */
	listed(slices: readonly Slice[]): void;
	changed(slice: Slice): void;
	deleted(name: string): void;
	/** The changes that came together were told. */
	settled(): void;
	/** What was told still holds. */
	confirmed(): void;
	/** What was told may be out of date, until it is confirmed or listed again. */
	failed(error: FingerpostError): void;
}

export interface FollowOptions {
	readonly namespace: string;
	readonly timing: KubernetesTiming;
	/** Milliseconds between two lists that were asked for by refresh(). */
	readonly minInterval: number;
}

/** So many watches or resource versions in a row may come to nothing before that is told as a failure. */
const MILD = 2;
/** What a server asks to wait for is believed up to here. */
const LONGEST_WAIT_MS = 60_000;
/** The end of a watch for the sake of a refresh. */
const REFRESH = new Error("refresh");

/**
 * Lists a namespace's slices and watches them from there, until it is stopped. A watch that ends is continued from where
 * it was; what failed is tried again after a back-off, and so is a watch that ends as soon as it has begun.
 */
export class FollowSlices {
	readonly #connection: KubeConnection;
	readonly #observer: FollowObserver;
	readonly #options: FollowOptions;
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
	/** The server asked not to be asked before. */
	#notBefore = Number.NEGATIVE_INFINITY;
	/** Whether what was told is known to hold. */
	#healthy = false;
	/** Whether the server has yet to show that it knows the revision. */
	#doubtful = false;
	/** Watches that came to nothing, and revisions that were too old, since a watch stayed open. */
	#mild = 0;

	constructor(connection: KubeConnection, observer: FollowObserver, options: FollowOptions) {
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

	/** Nothing is told any more; requests and timers end. */
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
				// It was listed meanwhile, or is being.
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
		const { namespace, timing } = this.#options;
		this.#listing = true;
		try {
			const { slices, revision } = await listSlices(this.#connection, { namespace, timing, signal });
			this.#revision = revision;
			this.#doubtful = false;
			this.#healthy = true;
			this.#observer.listed(slices);
			return revision;
		} finally {
			this.#listing = false;
			this.#listedAt = performance.now();
		}
	}

	/** @returns whether the watch stayed open for a while. */
	async #follow(revision: string, signal: AbortSignal): Promise<boolean> {
		const { namespace, timing } = this.#options;
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
			changed: (slice: Slice) => this.#observer.changed(slice),
			deleted: (name: string) => this.#observer.deleted(name),
			reached: (reached: string) => {
				this.#doubtful = false;
				if (!watch.signal.aborted) this.#revision = reached;
			},
			pause: () => this.#observer.settled(),
		};
		try {
			signal.throwIfAborted();
			const complete = await watchSlices(this.#connection, observer, {
				namespace,
				revision,
				timing,
				signal: AbortSignal.any([signal, watch.signal]),
			});
			// After a failure it may be another server, with older data from a backup: that one is silent for ever where the
			// revision is in its future.
			if (complete && this.#doubtful) this.#revision = undefined;
			return steady;
		} finally {
			clearTimeout(timer);
			this.#watch = undefined;
			// What came before a failure is as good as before.
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
		// What the server says, and what is not understood of it, may be about the revision; a list needs none.
		else if (!(error instanceof ApiError && error.isRefusal)) this.#revision = undefined;
		const gone = error instanceof ApiError && error.isGone;
		if (gone) this.#mild++;
		if (!gone || this.#mild > MILD) this.#failed(error);
		// The server answers: a list is not to wait for as long as the failures before have earned.
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
		return `cannot watch endpointslices.discovery.k8s.io in the namespace "${this.#options.namespace}"`;
	}
}
