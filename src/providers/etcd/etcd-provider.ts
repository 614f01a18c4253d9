import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { FingerpostError, ServiceNotFound, SourceFailed } from "../../util/errors.js";
import type { DiscoverLimits, Provider, ProviderWatchOptions, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import { EtcdConnection } from "./client/etcd-connection.js";
import { EtcdFailed } from "./client/etcd-errors.js";
import { DEFAULT_TIMING, type EtcdTiming } from "./client/etcd-timing.js";
import { FollowEtcd } from "./client/follow-etcd.js";
import { readingOf } from "./client/followed-prefix.js";
import { listPrefix } from "./client/list-prefix.js";
import { EtcdKeys, noKey } from "./etcd-keys.js";
import type { EtcdOptions } from "./etcd-options.js";
import { type EtcdTarget, readEtcdTarget } from "./etcd-target.js";

/** Keys that a target takes where nobody says how many. */
const MOST_KEYS = 50_000;

/** `etcd:///prefix/`: the keys that begin so, an endpoint each; listed once and then watched. */
export class EtcdProvider implements Provider {
	readonly #options: EtcdOptions;
	readonly #timing: EtcdTiming;
	readonly #follow: FollowEtcd;
	readonly #shared = new Map<string, SharedTarget>();

	constructor(options: EtcdOptions, timing: EtcdTiming = DEFAULT_TIMING) {
		this.#options = options;
		this.#timing = timing;
		this.#follow = new FollowEtcd(options, timing);
	}

	/**
	 * Reads the keys once, of the first server that answers.
	 * @throws ServiceNotFound if there is none, SourceFailed if no server answers or the keys may not be read, InvalidTarget,
	 *   the signal's reason.
	 */
	async discover(target: Target, { signal, maxEndpoints }: DiscoverLimits): Promise<readonly Endpoint[]> {
		signal.throwIfAborted();
		const { prefix } = readOrThrow(target, readEtcdTarget);
		let failure: unknown;
		for (const server of this.#options.endpoints) {
			let connection: EtcdConnection | undefined;
			try {
				connection = await EtcdConnection.open(server, { access: this.#options, answer: this.#timing.answer, signal });
				const { endpoints, found } = await listOnce(connection, target.text, prefix, maxEndpoints?.());
				if (!found) throw new ServiceNotFound(`"${target.text}": ${noKey(prefix)}`);
				return endpoints;
			} catch (error) {
				signal.throwIfAborted();
				// Another server of the cluster would say the same.
				if (error instanceof ServiceNotFound || (error instanceof EtcdFailed && error.kind === "prefix")) throw error;
				failure = error;
			} finally {
				connection?.close();
			}
		}
		throw FingerpostError.from(failure ?? new SourceFailed("there is no etcd server to ask"), "SOURCE_FAILED");
	}

	watch(target: Target, observer: TargetObserver, { signal, maxEndpoints }: ProviderWatchOptions): void {
		if (signal.aborted) return;
		const read = readEtcdTarget(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		const shared = this.#shared.get(target.text);
		const watch = shared ?? new SharedTarget(target, read);
		this.#shared.set(target.text, watch);
		watch.observers.set(observer, maxEndpoints);
		signal.addEventListener("abort", () => this.#leave(target, watch, observer), { once: true });
		if (shared) watch.tellKnown(observer);
		else this.#follow.add(watch);
	}

	#leave(target: Target, watch: SharedTarget, observer: TargetObserver): void {
		watch.observers.delete(observer);
		if (watch.observers.size > 0) return;
		if (this.#shared.get(target.text) === watch) this.#shared.delete(target.text);
		this.#follow.remove(watch);
	}
}

/** A target that one or more watches want. */
class SharedTarget {
	readonly prefix: Buffer;
	readonly observer: EtcdKeys;
	/** Each with how many endpoints it takes. */
	readonly observers = new Map<TargetObserver, (() => number) | undefined>();
	#error: FingerpostError | undefined;

	constructor({ text }: Target, { prefix }: EtcdTarget) {
		this.prefix = Buffer.from(prefix);
		this.observer = new EtcdKeys(text, prefix, {
			answered: ({ endpoints, notes }) => {
				this.#error = undefined;
				this.#each((observer) => observer.endpoints(endpoints, { notes }));
			},
			failed: (error) => {
				this.#error = error;
				this.#each((observer) => observer.failed(error));
			},
			most: () => Math.max(...[...this.observers.values()].map((most) => most?.() ?? MOST_KEYS)),
		});
	}

	/** To one that comes later. */
	tellKnown(observer: TargetObserver): void {
		const { answer } = this.observer;
		if (answer) observer.endpoints(answer.endpoints, { notes: answer.notes });
		// It may have left meanwhile.
		if (this.#error && this.observers.has(observer)) observer.failed(this.#error);
	}

	#each(tell: (observer: TargetObserver) => void): void {
		for (const observer of [...this.observers.keys()]) if (this.observers.has(observer)) tell(observer);
	}
}

async function listOnce(connection: EtcdConnection, target: string, prefix: string, most = MOST_KEYS) {
	const keys = new EtcdKeys(target, prefix, { answered: () => {}, failed: () => {}, most: () => most });
	keys.listing();
	const key = Buffer.from(prefix);
	await listPrefix(connection, { prefix: key, what: readingOf(key), most, page: (page) => keys.page(page) });
	keys.listed();
	return { endpoints: keys.answer?.endpoints ?? [], found: keys.size > 0 };
}
