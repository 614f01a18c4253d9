import { AddressMap } from "../model/address-map.js";
import { addressOf, type Endpoint } from "../model/endpoint.js";
import type { Steps } from "../util/steps.js";

/** Endpoints that are looked at in one step. */
const STEP = 1_024;

/**
 * Leaves out additional addresses that are some endpoint's already: an address is used once in a service (R40).
 * @param endpoints each address once.
 * @param mended told of each that is left out.
 */
export function* withoutSecondUse(
	endpoints: readonly Endpoint[],
	mended: (repair: string) => void,
): Steps<readonly Endpoint[]> {
	if (!endpoints.some((e) => e.additionalAddresses)) return endpoints;
	const used = new AddressMap<true>();
	for (const [i, e] of endpoints.entries()) {
		if (i % STEP === STEP - 1) yield;
		used.set(e, true);
	}
	const all: Endpoint[] = [];
	for (const e of endpoints) {
		if (all.length % STEP === STEP - 1) yield;
		all.push(withUnused(e, used, mended));
	}
	return all;
}

/** Without the additional addresses that are used already; the others are used from now on. */
function withUnused(e: Endpoint, used: AddressMap<true>, mended: (repair: string) => void): Endpoint {
	if (!e.additionalAddresses) return e;
	const kept = e.additionalAddresses.filter((other) => {
		const again = used.has(other);
		used.set(other, true);
		if (again) mended(`additional address ${addressOf(other)} of ${addressOf(e)} left out: it is used already`);
		return !again;
	});
	if (kept.length === e.additionalAddresses.length) return e;
	const { additionalAddresses: _, ...rest } = e;
	return kept.length === 0 ? rest : { ...rest, additionalAddresses: kept };
}
