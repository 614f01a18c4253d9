import { POLICY_KEYS, type Policies } from "../../model/policies/policies.js";

/** Makes the policies of a service of the keys that are written; equal ones are the same object. */
export class WrittenPolicies {
	readonly #known = new Map<string, Policies>();

	/** @param defaults what counts where a service has no such key. */
	of(written: Policies, defaults: Policies | undefined): Policies | undefined {
		const own = POLICY_KEYS.filter((key) => written[key] !== undefined);
		if (own.length === 0) return defaults;
		const policies: Policies = { ...defaults, ...Object.fromEntries(own.map((key) => [key, written[key]])) };
		const text = JSON.stringify(policies);
		const known = this.#known.get(text);
		if (known) return known;
		this.#known.set(text, policies);
		return policies;
	}
}
