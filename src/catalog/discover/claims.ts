import { compareText } from "../../model/endpoint.js";
import type { ServiceDefinition } from "../../model/service.js";
import type { Target } from "../../model/target.js";

/** That a registry has a service which would have this name here. */
export interface Claim {
	/** The entry's place in the config. */
	readonly entry: { readonly place: number; readonly target: Pick<Target, "text"> };
	/** Of two of one entry the first one counts. */
	readonly key: string;
	readonly definition: ServiceDefinition;
}

/** Which services of registries would have which names. */
export class Claims {
	readonly #byName = new Map<string, readonly Claim[]>();

	add(claim: Claim): void {
		const { name } = claim.definition;
		this.#byName.set(name, inOrder([...(this.#byName.get(name) ?? []), claim]));
	}

	remove(claim: Claim): void {
		const { name } = claim.definition;
		const left = (this.#byName.get(name) ?? []).filter((other) => other !== claim);
		if (left.length > 0) this.#byName.set(name, left);
		else this.#byName.delete(name);
	}

	/** The one that counts: of the first entry, and there the first in order. */
	first(name: string): Claim | undefined {
		return this.#byName.get(name)?.[0];
	}

	/** The places of entries are others. @returns the names that several want. */
	reorder(): readonly string[] {
		const contested = [...this.#byName].filter(([, claims]) => claims.length > 1);
		for (const [name, claims] of contested) this.#byName.set(name, inOrder(claims));
		return contested.map(([name]) => name);
	}
}

function inOrder(claims: readonly Claim[]): readonly Claim[] {
	return claims.toSorted((a, b) => a.entry.place - b.entry.place || compareText(a.key, b.key));
}
