import { AddressMap } from "../model/address-map.js";
import type { Contribution } from "./merge.js";

/**
 * Endpoints of replaced targets, and the last complete answer of targets that have none now. Dropped once every present
 * target has answered completely.
 */
export class Leftovers {
	#kept: readonly Contribution[] = [];
	/** The last complete answer of each target, with host names resolved. */
	#whole: ReadonlyMap<string, Contribution> = new Map();

	/** Keeps what the targets gave, because others replace them. */
	keep(contributions: readonly Contribution[]): void {
		this.#kept = contributions;
	}

	/**
	 * What is still needed: of targets that have not been replaced by an answer yet, and what waiting targets gave before.
	 * @param present what the targets give now.
	 * @param answered the complete answers among them, by target.
	 * @param waiting the targets without one.
	 */
	beside(
		present: readonly Contribution[],
		answered: ReadonlyMap<string, Contribution>,
		waiting: ReadonlySet<string>,
	): readonly Contribution[] {
		this.#kept = waiting.size === 0 ? [] : this.#stillNeeded(answered, waiting);
		this.#whole = answered;
		return withoutPresent(this.#kept, present);
	}

	#stillNeeded(answered: ReadonlyMap<string, Contribution>, waiting: ReadonlySet<string>): readonly Contribution[] {
		const kept = this.#kept.filter(({ target }) => !answered.has(target));
		const old = new Set(kept.map(({ target }) => target));
		return [...kept, ...[...waiting].flatMap((target) => (old.has(target) ? [] : (this.#whole.get(target) ?? [])))];
	}
}

/** The leftovers without the addresses that the present answers have, too. */
function withoutPresent(leftovers: readonly Contribution[], present: readonly Contribution[]): readonly Contribution[] {
	if (leftovers.length === 0) return leftovers;
	const addresses = new AddressMap<true>();
	for (const { endpoints } of present) for (const e of endpoints) addresses.set(e, true);
	return leftovers.map((leftover) => ({
		...leftover,
		endpoints: leftover.endpoints.filter((e) => !addresses.has(e)),
	}));
}
