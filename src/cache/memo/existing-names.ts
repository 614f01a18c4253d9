/** Memo of lists of names of which none is missing: streams that ask for the same share the list. */
export class ExistingNames {
	/** Made with the first. */
	#lists: WeakSet<readonly string[]> | undefined;

	/** Whether it is known that none of these is missing. */
	has(names: readonly string[]): boolean {
		return this.#lists?.has(names) === true;
	}

	add(names: readonly string[]): void {
		this.#lists ??= new WeakSet();
		this.#lists.add(names);
	}

	clear(): void {
		this.#lists = undefined;
	}
}
