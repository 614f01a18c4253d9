import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { isGone } from "./awaited.js";

/**
 * R38: the names that a client of complete sets was told not to exist, so that it is told once
 * (gRFC A88). Others are told in answer to their request, see removals.ts.
 * https://github.com/grpc/proposal/blob/master/A88-xds-data-error-handling.md
 */
export class AbsentNames {
	#told = new Set<string>();

	/** The client asks for these names anew. */
	forget(names: Iterable<string>): void {
		for (const name of names) this.#told.delete(name);
	}

	/**
	 * The names that do not exist, are not in the response, and were not told yet. They count as
	 * told.
	 */
	notYetTold(names: Iterable<string>, response: readonly EncodedResource[], set: ResourceSet): string[] {
		const there = new Set(response.map(({ name }) => name));
		const absent = [...names].filter((name) => name !== "" && !there.has(name) && isGone(set, name));
		const fresh = absent.filter((name) => !this.#told.has(name));
		this.#told = new Set(absent);
		return fresh;
	}
}
