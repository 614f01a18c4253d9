import type { Cache } from "../../cache/cache.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import type { Scope } from "../../cache/scope.js";
import type { Place } from "../../model/zones/place.js";
import type { TypeId } from "../../resources/resource-type.js";
import type { View } from "../../resources/view.js";
import { inSlices } from "../../util/steps.js";

interface Used {
	readonly set: Promise<ResourceSet>;
	readonly idle: NodeJS.Timeout;
	release(): void;
}

/** The resource sets that polls are answered from. Each is in use as long as somebody polls it. */
export class UsedSets {
	readonly #caches: Readonly<Record<TypeId, Cache>>;
	readonly #idleAfter: number;
	readonly #used = new Map<string, Used>();

	/** @param idleAfter milliseconds after which a set that nobody polls is released. */
	constructor(caches: Readonly<Record<TypeId, Cache>>, idleAfter: number) {
		this.#caches = caches;
		this.#idleAfter = idleAfter;
	}

	/** @param scope all names unless given. @param place anywhere unless given. */
	use(type: TypeId, view: View, scope?: Scope, place?: Place): Promise<ResourceSet> {
		const key = `${type} ${view} ${place?.key ?? ""} ${scope?.key ?? ""}`;
		const existing = this.#used.get(key);
		if (existing) {
			existing.idle.refresh();
			return existing.set;
		}
		const cache = this.#caches[type];
		const set = inSlices(cache.acquireInSteps(type, view, scope, place));
		const forget = () => {
			clearTimeout(idle);
			this.#used.delete(key);
		};
		const release = () => {
			forget();
			void set.then(
				() => cache.release(type, view, scope, place),
				() => {},
			);
		};
		const idle = setTimeout(release, this.#idleAfter).unref();
		this.#used.set(key, { set, idle, release });
		// Who waits for it is told. The next one tries again.
		set.catch(forget);
		return set;
	}

	close(): void {
		for (const { release } of this.#used.values()) release();
	}
}
