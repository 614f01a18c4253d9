import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { FingerpostError, ServiceNotFound, SourceFailed } from "../../util/errors.js";
import type { DiscoverLimits, Provider, ProviderWatchOptions, RegistryObserver, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import { EtcdConnection } from "./client/etcd-connection.js";
import { EtcdFailed } from "./client/etcd-errors.js";
import { DEFAULT_TIMING, type EtcdTiming } from "./client/etcd-timing.js";
import { FollowEtcd } from "./client/follow-etcd.js";
import { type FollowedPrefix, readingOf } from "./client/followed-prefix.js";
import { listPrefix } from "./client/list-prefix.js";
import { EtcdKeys, noKey } from "./etcd-keys.js";
import type { EtcdOptions } from "./etcd-options.js";
import { EtcdServices } from "./etcd-services.js";
import { readEtcdRegistry, readEtcdTarget } from "./etcd-target.js";
import { MOST_KEYS, SharedTarget } from "./shared-target.js";

/** `etcd:///prefix/`: the keys that begin so, an endpoint each; listed once and then watched. */
export class EtcdProvider implements Provider {
	readonly #options: EtcdOptions;
	readonly #timing: EtcdTiming;
	readonly #follow: FollowEtcd;
	/** Those that are followed by themselves. */
	readonly #shared = new Map<string, SharedTarget>();
	readonly #registries = new Set<EtcdServices>();

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
		const covered = this.#covered(read.prefix);
		const shared = covered ?? this.#shared.get(target.text);
		const watch = shared ?? new SharedTarget(target.text, read.prefix);
		if (!covered) this.#shared.set(target.text, watch);
		watch.observers.set(observer, maxEndpoints);
		signal.addEventListener("abort", () => this.#leave(target, watch, observer), { once: true });
		if (shared) watch.tellKnown(observer);
		else this.#follow.add(watch);
	}

	/** The services that have keys below a prefix, by one watch for all of them. */
	watchAll(target: Target, observer: RegistryObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = readEtcdRegistry(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		const registry = new EtcdServices(read, observer);
		const followed = { prefix: Buffer.from(read.prefix), observer: registry };
		this.#registries.add(registry);
		signal.addEventListener("abort", () => this.#endRegistry(registry, followed), { once: true });
		this.#follow.add(followed);
	}

	/** The service of a registry that has just these keys, and is in no doubt. */
	#covered(prefix: string): SharedTarget | undefined {
		for (const registry of this.#registries) {
			const service = registry.serviceOf(prefix);
			if (service) return service;
		}
		return undefined;
	}

	/** What others still want of it they get by watches of their own. */
	#endRegistry(registry: EtcdServices, followed: FollowedPrefix): void {
		this.#registries.delete(registry);
		for (const watch of registry.wanted()) {
			this.#shared.set(watch.text, watch);
			this.#follow.add(watch);
		}
		this.#follow.remove(followed);
	}

	#leave(target: Target, watch: SharedTarget, observer: TargetObserver): void {
		watch.observers.delete(observer);
		if (watch.observers.size > 0) return;
		if (this.#shared.get(target.text) !== watch) return;
		this.#shared.delete(target.text);
		this.#follow.remove(watch);
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
