import type { Cache } from "../../cache/cache.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import type { Scope } from "../../cache/scope.js";
import type { LimitName, Limits } from "../../model/limits.js";
import type { ResourceType, TypeId } from "../../resources/resource-type.js";
import type { View } from "../../resources/view.js";
import { addressIn } from "../transport/peer-address.js";
import { Pollers } from "./pollers.js";
import type { RestRequest } from "./rest-request.js";
import { UsedSets } from "./used-sets.js";

/** Who polls counts as there for so many intervals after a poll, and for so many milliseconds at least. */
const GONE_AFTER = { intervals: 3, ms: 60_000 };

export interface PolledSetsOptions {
	/** Those that apply now. */
	readonly limits: () => Limits;
	/** Milliseconds between two polls of a client, as far as it is known. */
	readonly interval: number;
}

/** Finds what a poll is answered from: the set of its client's zone, where that has one. */
export class PolledSets {
	readonly #sets: UsedSets;
	readonly #pollers: Pollers;

	constructor(caches: Readonly<Record<TypeId, Cache>>, { limits, interval }: PolledSetsOptions) {
		const goneAfter = Math.max(GONE_AFTER.ms, GONE_AFTER.intervals * interval);
		this.#sets = new UsedSets(caches, goneAfter);
		this.#pollers = new Pollers(limits, goneAfter);
	}

	/** @param address with port. @param onFull called where there is no room for the client, or its names, in its zone. */
	async find(
		type: ResourceType,
		{ view, scope }: { readonly view: View; readonly scope: Scope | undefined },
		{ node, names }: RestRequest,
		address: string,
		onFull: (limit: LimitName) => void,
	): Promise<ResourceSet> {
		if (!type.ofService?.byPlace) return this.#sets.use(type.id, view, scope);
		const now = performance.now();
		const caller = { node: node?.id ?? "", peer: addressIn(address), locality: node?.locality };
		const poller = this.#pollers.enter(caller, now);
		if (typeof poller === "object") {
			const set = await this.#sets.use(type.id, view, scope, poller.place);
			if (this.#pollers.asks(poller, set, names, now)) return set;
			onFull("allNames");
		} else if (poller) onFull(poller);
		return this.#sets.use(type.id, view, scope);
	}

	close(): void {
		this.#pollers.close();
		this.#sets.close();
	}
}
