import { sortTexts } from "../../util/slices.js";
import type { AdminSources } from "../admin-sources.js";

/** The names of all services in order; sorted once as long as they are the same, as every page of a list needs them. */
export class ServiceNames {
	readonly #sources: AdminSources;
	#revision: number | undefined;
	#names: readonly string[] = [];

	constructor(sources: AdminSources) {
		this.#sources = sources;
	}

	/** In pieces for inSlices(). */
	*inOrder(): Generator<string, readonly string[]> {
		const all = this.#sources.names();
		if (all.revision === this.#revision) return this.#names;
		const sorted = yield* sortTexts([...all.names]);
		this.#names = sorted;
		this.#revision = all.revision;
		return sorted;
	}
}
