import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";

/** Of complete sets: which names a client was told not to exist, so that it is told once (R38). */
export class AbsentNames {
	#told = new Set<string>();

	/** These were asked for anew. */
	forget(names: Iterable<string>): void {
		for (const name of names) this.#told.delete(name);
	}

	/** The names of which there is nothing, not in this response and not else, and that were not told yet. */
	notYetTold(names: Iterable<string>, response: readonly EncodedResource[], set: ResourceSet): string[] {
		const there = new Set(response.map(({ name }) => name));
		const absent = [...names].filter(
			(name) => name !== "" && !there.has(name) && !set.get(name) && !set.isAwaited(name),
		);
		const fresh = absent.filter((name) => !this.#told.has(name));
		this.#told = new Set(absent);
		return fresh;
	}
}
