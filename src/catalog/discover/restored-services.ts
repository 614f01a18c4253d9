import { safeguardsOf } from "../../model/keep/safeguards.js";
import type { Catalog } from "../catalog.js";

/** With fewer services it is no registry. */
const FEWEST = 4;

/** Services that an earlier process had of registries: those that no registry has now are removed once all have answered. */
export class RestoredServices {
	readonly #catalog: Catalog;
	#timer: NodeJS.Timeout | undefined;

	constructor(catalog: Catalog) {
		this.#catalog = catalog;
	}

	/**
	 * All registries have answered. If that would remove most services, they stay for as long as the guard holds.
	 * @param found how many services the registries have; undefined if the config names none any more.
	 */
	allAnswered(found: number | undefined): void {
		const { unconfirmed, times } = this.#catalog;
		if (this.#timer) return;
		const { guard } = safeguardsOf(times);
		const isMost = found !== undefined && unconfirmed.size >= FEWEST && unconfirmed.size > found;
		if (guard?.registry && isMost) this.#timer = setTimeout(() => this.#remove(), guard.holdFor);
		else this.#remove();
	}

	/** @returns whether there was one of that name, which is removed now. */
	approve(name: string): boolean {
		if (!this.#catalog.unconfirmed.has(name)) return false;
		this.#catalog.found(name, undefined);
		return true;
	}

	stop(): void {
		clearTimeout(this.#timer);
	}

	#remove(): void {
		for (const name of [...this.#catalog.unconfirmed]) this.#catalog.found(name, undefined);
	}
}
