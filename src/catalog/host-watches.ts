import { addressOf, type Endpoint } from "../model/endpoint.js";
import { isAddress } from "../model/endpoint-address.js";
import { atAddress, hostTarget } from "../providers/host-endpoints.js";
import type { Registry } from "../providers/registry.js";
import { type TargetStatus, TargetWatch } from "../providers/watch/target-watch.js";

/** Endpoints whose host names are replaced by what the names resolve to. */
export interface Resolved {
	/** Undefined while nothing of the list is known: not one address, not one answer for a name. */
	readonly endpoints: readonly Endpoint[] | undefined;
	/** Whether every name has had a whole answer. */
	readonly complete: boolean;
	readonly notes: readonly string[];
}

/**
 * Resolves the host names that stand where an address belongs, continuously, through the DNS provider. Each address of a
 * name takes over all that was said of the name; the name itself is kept as `hostname`.
 */
export class HostWatches {
	readonly #registry: Registry;
	readonly #onChange: () => void;
	readonly #watches = new Map<string, TargetWatch>();
	#used = new Set<string>();

	constructor(registry: Registry, onChange: () => void) {
		this.#registry = registry;
		this.#onChange = onChange;
	}

	resolve(list: readonly Endpoint[]): Resolved {
		if (list.every(({ address }) => isAddress(address))) return asItIs(list);
		const endpoints: Endpoint[] = [];
		const notes: string[] = [];
		let known = false;
		let complete = true;
		for (const e of list) {
			if (isAddress(e.address)) {
				endpoints.push(e);
				known = true;
				continue;
			}
			const watch = this.#watch(e);
			notes.push(...watch.notes);
			if (watch.endpoints) known = true;
			if (!watch.whole) complete = false;
			for (const found of watch.endpoints ?? []) endpoints.push(atAddress(e, found));
		}
		return { endpoints: known ? endpoints : undefined, complete, notes };
	}

	/** How fresh each name's addresses are. */
	statuses(): readonly TargetStatus[] {
		return [...this.#watches.values()].map((watch) => watch.status);
	}

	/** Ends the watches of names that were not resolved since the last call. */
	prune(): void {
		for (const [key, watch] of this.#watches) {
			if (this.#used.has(key)) continue;
			watch.stop();
			this.#watches.delete(key);
		}
		this.#used = new Set();
	}

	/** Watches the names anew, by the provider that is now registered; what is known stays until it has answered. */
	restart(): void {
		for (const watch of this.#watches.values()) watch.restart(this.#registry);
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
			watch = new TargetWatch(hostTarget(e), this.#onChange);
			this.#watches.set(key, watch);
			watch.start(this.#registry);
		}
		return watch;
	}
}

/** A list without host names. */
export function asItIs(list: readonly Endpoint[]): Resolved {
	return { endpoints: list, complete: true, notes: [] };
}
