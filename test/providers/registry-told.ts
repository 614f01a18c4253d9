import { waitUntil } from "../../lab/wait-until.js";
import { parseTarget } from "../../src/model/target.js";
import type { FoundService, Provider, RegistryObserver } from "../../src/providers/provider.js";

/** What was told of a whole registry, until the end of the block. */
export class RegistryTold implements RegistryObserver, Disposable {
	readonly lists: (readonly FoundService[])[] = [];
	notes: readonly string[] = [];
	readonly errors: string[] = [];
	readonly #abort = new AbortController();

	constructor(provider: Provider, text: string) {
		provider.watchAll?.(parseTarget(text), this, { signal: this.#abort.signal });
	}

	/** The targets of the last list. */
	get targets(): string {
		return (this.lists.at(-1) ?? [])
			.map(({ target }) => target)
			.sort()
			.join(" ");
	}

	services(list: readonly FoundService[], details?: { readonly notes?: readonly string[] }): void {
		this.lists.push(list);
		this.notes = details?.notes ?? [];
	}

	failed({ message }: Error): void {
		this.errors.push(message);
	}

	/** Until these are the targets. */
	async until(...targets: readonly string[]): Promise<void> {
		const seen = () => Promise.reject(new Error([this.targets, ...this.errors].join("\n")));
		await waitUntil(`there is ${targets}`, () => this.targets === targets.join(" ") || seen());
	}

	[Symbol.dispose](): void {
		this.#abort.abort();
	}
}
