import { FingerpostError } from "../../../util/errors.js";
import { Limiter } from "../../../util/limiter.js";
import { endOfPrefix, type KeyValue } from "./etcd-calls.js";
import type { EtcdConnection } from "./etcd-connection.js";
import { EtcdFailed, etcdError, watchError } from "./etcd-errors.js";
import type { EtcdTiming } from "./etcd-timing.js";
import { type FollowedPrefix, readingOf } from "./followed-prefix.js";
import { listPrefix } from "./list-prefix.js";
import { Compacted, PrefixSession, type SessionPart } from "./prefix-session.js";
import { WatchStream } from "./watch-stream.js";

/** Requests at once. */
const AT_ONCE = 16;

export interface EtcdSessionOptions {
	readonly connection: EtcdConnection;
	readonly timing: EtcdTiming;
	/** Fires when the connection is given up. */
	readonly signal: AbortSignal;
	/** Called once, when nothing more can be had of the server. */
	readonly failed: (error: FingerpostError) => void;
}

/** All prefixes on one connection, with one stream of watches. It ends with the first failure of the server. */
export class EtcdSession implements SessionPart {
	readonly backoff: EtcdTiming["backoff"];
	readonly #options: EtcdSessionOptions;
	readonly #limiter = new Limiter(AT_ONCE);
	readonly #prefixes = new Map<FollowedPrefix, PrefixSession>();
	#stream: WatchStream;
	#timer: NodeJS.Timeout | undefined;
	/** Prefixes that are still to be checked in this round. */
	#unchecked: PrefixSession[] = [];
	#renewing: Promise<void> | undefined;
	#ended = false;
	#workedAt: number | undefined;

	constructor(options: EtcdSessionOptions) {
		this.#options = options;
		this.backoff = options.timing.backoff;
		this.#stream = this.#openStream();
		this.#checkLater();
	}

	/** Milliseconds since the first prefix could be listed; 0 where none could. */
	get workedFor(): number {
		return this.#workedAt === undefined ? 0 : performance.now() - this.#workedAt;
	}

	get stream(): WatchStream {
		return this.#stream;
	}

	add(followed: FollowedPrefix): void {
		const prefix = new PrefixSession(followed, this);
		this.#prefixes.set(followed, prefix);
		void prefix.begin();
	}

	remove(followed: FollowedPrefix): void {
		this.#prefixes.get(followed)?.end();
		this.#prefixes.delete(followed);
	}

	end(): void {
		this.#ended = true;
		clearTimeout(this.#timer);
		for (const prefix of this.#prefixes.values()) prefix.end();
		this.#prefixes.clear();
		this.#stream.close();
	}

	async list({ prefix, observer }: FollowedPrefix): Promise<number> {
		const { connection, signal } = this.#options;
		return this.#limiter.run(async () => {
			observer.listing();
			const page = (keys: readonly KeyValue[]) => observer.page(keys);
			const revision = await listPrefix(connection, {
				...{ prefix, what: readingOf(prefix), page },
				most: observer.most(),
			});
			this.#workedAt ??= performance.now();
			return revision;
		}, signal);
	}

	refusal(reason: string, what: string): EtcdFailed {
		return watchError(reason, what, this.#options.connection.server.url);
	}

	failed(error: unknown): ReturnType<SessionPart["failed"]> {
		if (this.#ended || this.#options.signal.aborted) return undefined;
		if (error instanceof Compacted) return { when: "now", error: FingerpostError.from(error, "SOURCE_FAILED") };
		if (error instanceof EtcdFailed) {
			if (error.kind === "prefix" || error.kind === "too-large") return { when: "retry", error };
			if (error.kind === "compacted") return { when: "now", error };
		}
		this.#over(FingerpostError.from(error, "SOURCE_FAILED"));
		return undefined;
	}

	renew(): void {
		this.#renewing ??= this.#options.connection
			.authenticate()
			.then(() => {
				if (this.#ended) return;
				const old = this.#stream;
				this.#stream = this.#openStream();
				old.close();
				for (const prefix of this.#prefixes.values()) prefix.resume();
			})
			.catch((error) => this.#over(FingerpostError.from(error, "SOURCE_FAILED")))
			.finally(() => {
				this.#renewing = undefined;
			});
	}

	#openStream(): WatchStream {
		const { connection } = this.#options;
		const stream: WatchStream = new WatchStream(connection.watch(), (reason) => {
			if (stream === this.#stream) this.#over(etcdError(reason, "watch the keys", connection.server.url));
		});
		return stream;
	}

	#checkLater(): void {
		this.#timer = setTimeout(() => this.#check(), this.#options.timing.check);
	}

	/** A third of the prefixes a time, so that each is checked within three. */
	#check(): void {
		const { timing, connection } = this.#options;
		const now = performance.now();
		this.#checkLater();
		for (const { pendingSince } of this.#prefixes.values()) {
			if (pendingSince === undefined || now - pendingSince < timing.answer) continue;
			this.#over(new EtcdFailed("server", `${connection.server.url} did not begin a watch within ${timing.answer} ms`));
			return;
		}
		if (this.#unchecked.length === 0) this.#unchecked = [...this.#prefixes.values()];
		const some = this.#unchecked.splice(0, Math.ceil(this.#prefixes.size / 3));
		for (const prefix of some) if (prefix.isOpen) void this.#checkPrefix(prefix);
	}

	/** Never rejects. */
	async #checkPrefix(checked: PrefixSession): Promise<void> {
		const { connection, signal } = this.#options;
		const { prefix: key, events } = checked;
		const request = { key, rangeEnd: endOfPrefix(key), countOnly: true };
		try {
			const { count } = await this.#limiter.run(() => connection.range(request, readingOf(key)), signal);
			// Events that are on their way say themselves what has changed.
			if (!checked.isOpen || checked.events !== events) return;
			checked.counted(count);
		} catch (error) {
			if (checked.isOpen) checked.mishap(error);
		}
	}

	#over(error: FingerpostError): void {
		if (this.#ended || this.#options.signal.aborted) return;
		this.end();
		this.#options.failed(error);
	}
}
