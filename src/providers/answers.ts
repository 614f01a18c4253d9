import { AddressMap } from "../model/address-map.js";
import { placeInOrder } from "../model/canonical-order.js";
import { type Endpoint, sameEndpoint, sameOrigin } from "../model/endpoint.js";
import { isAddress } from "../model/endpoint-address.js";
import { endpointProblem } from "../model/endpoint-problem.js";
import { differenceOf } from "../model/list-difference.js";
import { type UsableEndpoints, usableEndpoints } from "./usable-endpoints.js";

/** Where more differs, all of it is looked at. */
const MAX_CHANGED = 64;
/** With fewer endpoints an address is found by looking at each of them. */
const FEW = 64;

/**
 * The answers of a source, one after the other. What is again in the next one stays the very same object, and is not looked
 * at again: neither here nor by those who use it.
 */
export class Answers {
	/** As the source gave it. */
	#list: readonly Endpoint[] = [];
	#used: UsableEndpoints = { endpoints: [], problems: [], plain: true };
	/** Those of what is used, where that is much and was changed. */
	#addresses: AddressMap<true> | undefined;

	/** @returns what is to be used of it. */
	next(given: readonly Endpoint[]): UsableEndpoints {
		const before = this.#list;
		const { start, endBefore, endAfter } = differenceOf(before, given, isAgain);
		const gone = before.slice(start, endBefore);
		const come = given.slice(start, endAfter);
		if (gone.length + come.length === 0) return this.#used;
		this.#list = [...before.slice(0, start), ...come, ...before.slice(endBefore)];
		const endpoints = this.#replaced(gone, come);
		if (!endpoints) this.#addresses = undefined;
		this.#used = endpoints ? { ...this.#used, endpoints } : usableEndpoints(this.#list);
		return this.#used;
	}

	/** What is used with these in the others' place; undefined where that cannot be told by them alone. */
	#replaced(gone: readonly Endpoint[], come: readonly Endpoint[]): readonly Endpoint[] | undefined {
		if (!this.#used.plain || gone.length + come.length > MAX_CHANGED) return undefined;
		const endpoints = this.#used.endpoints.slice();
		for (const e of gone) {
			endpoints.splice(placeInOrder(endpoints, e), 1);
			this.#addresses?.delete(e);
		}
		for (const e of come) {
			if (endpointProblem(e) !== undefined || !isAddress(e.address) || this.#isTaken(e, endpoints)) return undefined;
			endpoints.splice(placeInOrder(endpoints, e), 0, e);
			this.#addresses?.set(e, true);
		}
		return endpoints;
	}

	#isTaken(e: Endpoint, endpoints: readonly Endpoint[]): boolean {
		if (endpoints.length < FEW) {
			this.#addresses = undefined;
			return endpoints.some(({ address, port }) => port === e.port && address === e.address);
		}
		this.#addresses ??= addressesOf(endpoints);
		return this.#addresses.has(e);
	}
}

function addressesOf(list: readonly Endpoint[]): AddressMap<true> {
	const addresses = new AddressMap<true>();
	for (const e of list) addresses.set(e, true);
	return addresses;
}

/** @param e may be anything that a source gives. */
function isAgain(before: Endpoint, e: Endpoint): boolean {
	return e === before || (!!e?.locality && sameEndpoint(before, e) && sameOrigin(before.origin, e.origin));
}
