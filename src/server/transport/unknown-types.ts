/** Types that are told of. */
const MAX_TYPES = 100;

/** The types that the server does not know and one stream asks for (R45). */
export class UnknownTypes {
	/** Made with the first: almost no stream has one. */
	#urls: Set<string> | undefined;

	/** Whether to tell of it: once a type, and for no more types than are worth it. */
	isNew(url: string): boolean {
		this.#urls ??= new Set();
		if (this.#urls.has(url) || this.#urls.size >= MAX_TYPES) return false;
		this.#urls.add(url);
		return true;
	}
}
