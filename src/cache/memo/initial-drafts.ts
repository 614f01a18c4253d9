import type { EncodedResource } from "../../resources/encoded-resource.js";
import type { Draft } from "./draft.js";

/** The response to a client that has nothing and asks for a set of names. */
export interface InitialDraft {
	readonly draft: Draft;
	/** SotW: those of its resources that stand for names that do not exist (R23). */
	readonly placeholders: readonly EncodedResource[];
}

/**
 * Memo of initial responses: the first stream with a set of names computes it, the rest reuse it.
 */
export class InitialDrafts {
	/** Undefined stands for names that no single response answers. */
	#byNames = new WeakMap<ReadonlySet<string>, { readonly found: InitialDraft | undefined }>();
	#isEmpty = true;

	/**
	 * @param names known by identity.
	 * @param find called once for these names, until the memo is cleared.
	 */
	get(names: ReadonlySet<string>, find: () => InitialDraft | undefined): InitialDraft | undefined {
		let entry = this.#byNames.get(names);
		if (!entry) {
			entry = { found: find() };
			this.#byNames.set(names, entry);
			this.#isEmpty = false;
		}
		return entry.found;
	}

	clear(): void {
		if (this.#isEmpty) return;
		this.#byNames = new WeakMap();
		this.#isEmpty = true;
	}
}
