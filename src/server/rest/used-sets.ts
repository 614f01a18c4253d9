import type { Cache } from "../../cache/cache.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import type { TypeId } from "../../resources/resource-type.js";
import type { View } from "../../resources/view.js";

/** Nobody has polled for so long: then nobody will miss it. */
const IDLE_MS = 60_000;

interface Used {
	readonly set: ResourceSet;
	readonly idle: NodeJS.Timeout;
	release(): void;
}

/** The resources that polls are answered from: kept up to date as long as there are polls. */
export class UsedSets {
	readonly #caches: Readonly<Record<TypeId, Cache>>;
	readonly #used = new Map<string, Used>();

	constructor(caches: Readonly<Record<TypeId, Cache>>) {
		this.#caches = caches;
	}

	use(type: TypeId, view: View): ResourceSet {
		const key = `${type} ${view}`;
		const known = this.#used.get(key);
		if (known) {
			known.idle.refresh();
			return known.set;
		}
		const set = this.#caches[type].acquire(type, view);
		const release = () => {
			clearTimeout(idle);
			this.#used.delete(key);
			this.#caches[type].release(type, view);
		};
		const idle = setTimeout(release, IDLE_MS).unref();
		this.#used.set(key, { set, idle, release });
		return set;
	}

	close(): void {
		for (const { release } of this.#used.values()) release();
	}
}
