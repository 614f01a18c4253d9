import { addressOf, type Endpoint } from "../model/endpoint.js";
import { isAddress } from "../model/endpoint-address.js";
import { type Safeguards, safeguardsOf } from "../model/keep/safeguards.js";
import { atAddress, hostTarget } from "../providers/host-endpoints.js";
import type { Registry } from "../providers/registry.js";
import type { TargetWatchOptions } from "../providers/watch/target-watch.js";
import { KeptTarget } from "./keep/kept-target.js";
import type { SavedTarget } from "./keep/saved.js";
import type { SourceGuards } from "./keep/source-guard.js";

/** Endpoints with the addresses of their host names in place of the names. */
export interface Resolved {
	/** Undefined while the list has no address and DNS has answered for no name. */
	readonly endpoints: readonly Endpoint[] | undefined;
	/** The names that have had no complete answer yet. */
	readonly waiting: readonly Endpoint[];
	readonly notes: readonly string[];
}

export interface HostWatchesOptions extends Pick<TargetWatchOptions, "onError"> {
	/** What counts for every name; unless given, nothing is held, and what is known stays for ever. */
	readonly safeguards?: () => Safeguards;
	readonly sources?: SourceGuards | undefined;
	/** What an earlier process knew, by the texts of the targets. */
	readonly saved?: ReadonlyMap<string, SavedTarget> | undefined;
}

/**
 * Resolves host names that stand in place of an address, and keeps resolving them through the DNS
 * provider. Each address gets the settings of its name; the name itself becomes `hostname`.
 */
export class HostWatches {
	readonly #registry: Registry;
	readonly #onChange: () => void;
	readonly #options: HostWatchesOptions;
	readonly #watches = new Map<string, KeptTarget>();
	#used = new Set<string>();

	constructor(registry: Registry, onChange: () => void, options: HostWatchesOptions = {}) {
		this.#registry = registry;
		this.#onChange = onChange;
		this.#options = options;
	}

	/** The names that are followed. */
	get all(): Iterable<KeptTarget> {
		return this.#watches.values();
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
		for (const watch of this.#watches.values()) watch.restart();
	}

	stop(): void {
		for (const watch of this.#watches.values()) watch.stop();
		this.#watches.clear();
	}

	#watch(e: Endpoint): KeptTarget {
		const key = addressOf(e);
		this.#used.add(key);
		let watch = this.#watches.get(key);
		if (!watch) {
			const target = hostTarget(e);
			const { onError, safeguards = () => safeguardsOf(), sources, saved } = this.#options;
			watch = new KeptTarget(target, {
				...{ registry: this.#registry, onChange: this.#onChange, onError, safeguards, sources },
				saved: saved?.get(target.text),
			});
			this.#watches.set(key, watch);
			watch.start();
		}
		return watch;
	}
}

/** A list without host names. */
export function asItIs(list: readonly Endpoint[]): Resolved {
	return { endpoints: list, waiting: [], notes: [] };
}
