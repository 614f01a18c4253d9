import { addressOf, type Endpoint } from "../model/endpoint.js";
import { isAddress } from "../model/endpoint-address.js";
import { atAddress, hostTarget } from "../providers/host-endpoints.js";
import type { Registry } from "../providers/registry.js";
import { type TargetStatus, TargetWatch, type TargetWatchOptions } from "../providers/watch/target-watch.js";

/** Endpoints with the addresses of their host names in place of the names. */
export interface Resolved {
	/** Undefined while the list has no address and DNS has answered for no name. */
	readonly endpoints: readonly Endpoint[] | undefined;
	/** The names that have had no complete answer yet. */
	readonly waiting: readonly Endpoint[];
	readonly notes: readonly string[];
}

/**
 * Resolves host names that stand in place of an address, and keeps resolving them through the DNS
 * provider. Each address gets the settings of its name; the name itself becomes `hostname`.
 */
export class HostWatches {
	readonly #registry: Registry;
	readonly #onChange: () => void;
	readonly #onError: TargetWatchOptions["onError"];
	readonly #watches = new Map<string, TargetWatch>();
	#used = new Set<string>();

	constructor(registry: Registry, onChange: () => void, onError?: TargetWatchOptions["onError"]) {
		this.#registry = registry;
		this.#onChange = onChange;
		this.#onError = onError;
	}

	resolve(list: readonly Endpoint[]): Resolved {
		if (list.every(({ address }) => isAddress(address))) return asItIs(list);
		const endpoints: Endpoint[] = [];
		const notes: string[] = [];
		let known = false;
		const waiting: Endpoint[] = [];
		for (const e of list) {
			if (isAddress(e.address)) {
				endpoints.push(e);
				known = true;
				continue;
			}
			const watch = this.#watch(e);
			notes.push(...watch.notes);
			if (watch.endpoints) known = true;
			if (!watch.whole) waiting.push(e);
			for (const found of watch.endpoints ?? []) endpoints.push(atAddress(e, found));
		}
		return { endpoints: known ? endpoints : undefined, waiting, notes };
	}

	/** How fresh each name's addresses are. */
	statuses(): readonly TargetStatus[] {
		return [...this.#watches.values()].map((watch) => watch.status);
	}

	/** Stops the watches of names that no resolve() has asked for since the last call. */
	prune(): void {
		for (const [key, watch] of this.#watches) {
			if (this.#used.has(key)) continue;
			watch.stop();
			this.#watches.delete(key);
		}
		this.#used = new Set();
	}

	/**
	 * Restarts the watches with the provider that is registered now. Known addresses stay until it
	 * has answered.
	 */
	restart(): void {
		for (const watch of this.#watches.values()) watch.restart(this.#registry.watcher(watch.target));
	}

	stop(): void {
		for (const watch of this.#watches.values()) watch.stop();
		this.#watches.clear();
	}

	#watch(e: Endpoint): TargetWatch {
		const key = addressOf(e);
		this.#used.add(key);
		let watch = this.#watches.get(key);
		if (!watch) {
			watch = new TargetWatch(hostTarget(e), this.#onChange, {
				onError: this.#onError,
				maxEndpoints: () => this.#registry.maxEndpoints,
			});
			this.#watches.set(key, watch);
			watch.start(this.#registry.watcher(watch.target));
		}
		return watch;
	}
}

/** A list without host names. */
export function asItIs(list: readonly Endpoint[]): Resolved {
	return { endpoints: list, waiting: [], notes: [] };
}
