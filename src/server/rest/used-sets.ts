import type { Cache } from "../../cache/cache.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import type { Scope } from "../../cache/scope.js";
import type { TypeId } from "../../resources/resource-type.js";
import type { View } from "../../resources/view.js";

/** A set that nobody has polled for this long is released. */
const IDLE_MS = 60_000;

interface Used {
	readonly set: ResourceSet;
	readonly idle: NodeJS.Timeout;
	release(): void;
}

/** The resource sets that polls are answered from. Each is in use as long as somebody polls it. */
export class UsedSets {
	readonly #caches: Readonly<Record<TypeId, Cache>>;
	readonly #used = new Map<string, Used>();

	constructor(caches: Readonly<Record<TypeId, Cache>>) {
		this.#caches = caches;
	}

	/** @param scope all names unless given. */
	use(type: TypeId, view: View, scope?: Scope): ResourceSet {
		const key = `${type} ${view} ${scope?.key ?? ""}`;
		const existing = this.#used.get(key);
		if (existing) {
			existing.idle.refresh();
			return existing.set;
		}
		const set = this.#caches[type].acquire(type, view, scope);
		const release = () => {
			clearTimeout(idle);
			this.#used.delete(key);
			this.#caches[type].release(type, view, scope);
		};
		const idle = setTimeout(release, IDLE_MS).unref();
		this.#used.set(key, { set, idle, release });
		return set;
	}

	close(): void {
		for (const { release } of this.#used.values()) release();
	}
}
