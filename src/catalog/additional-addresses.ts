import { AddressMap } from "../model/address-map.js";
import { addressOf, type Endpoint } from "../model/endpoint.js";

/**
 * Leaves out additional addresses that are some endpoint's already: an address is used once in a service (R40).
 * @param endpoints each address once.
 * @param mended told of each that is left out.
 */
export function withoutSecondUse(
	endpoints: readonly Endpoint[],
	mended: (repair: string) => void,
): readonly Endpoint[] {
	if (!endpoints.some((e) => e.additionalAddresses)) return endpoints;
	const used = new AddressMap<true>();
	for (const e of endpoints) used.set(e, true);
	return endpoints.map((e) => {
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
	});
}
