import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { removalBytes } from "../../wire/resource-errors.js";

/** Told of a type at a time: who asks for more that is not there is not worth the work. */
const MAX_TOLD = 4_096;
const MAX_TOLD_BYTES = 1024 * 1024;

/**
 * R38: the names that a client of complete sets was told not to exist, so that it is told once
 * (gRFC A88). Others are told in answer to their request, see removals.ts.
 * https://github.com/grpc/proposal/blob/master/A88-xds-data-error-handling.md
 */
export class AbsentNames {
	readonly #told = new Set<string>();

	/** The client asks for these names anew. */
	forget(names: Iterable<string>): void {
		for (const name of names) this.#told.delete(name);
	}

	/**
	 * The names that do not exist, are not in the response, and were not told yet. They count as
	 * told. Of very many only the first.
	 */
	notYetTold(names: WantedNames, response: readonly EncodedResource[], set: ResourceSet): string[] {
		const there = new Set(response.map(({ name }) => name));
		// What could be generated was not, as it would have been too much.
		const isAbsent = (name: string) => !there.has(name) && !set.known(name) && !set.isAwaited(name);
		for (const name of this.#told) if (!names.has(name) || !isAbsent(name)) this.#told.delete(name);
		const fresh: string[] = [];
		let bytes = 0;
		for (const name of names) {
			if (this.#told.size >= MAX_TOLD || bytes > MAX_TOLD_BYTES) break;
			if (name === "" || this.#told.has(name) || !isAbsent(name)) continue;
			this.#told.add(name);
			fresh.push(name);
			bytes += removalBytes("sotw", name);
		}
		return fresh;
	}
}

/** Names one by one, and whether one is among them. */
interface WantedNames extends Iterable<string> {
	has(name: string): boolean;
}
