import { AddressMap } from "../../model/address-map.js";
import { placeInOrder } from "../../model/canonical-order.js";
import { type Endpoint, sameEndpoint } from "../../model/endpoint.js";
import { isAddress } from "../../model/endpoint-address.js";
import { endpointProblem } from "../../model/endpoint-problem.js";
import { differenceOf } from "../../model/list-difference.js";
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
		const list = [...before.slice(0, start), ...come, ...before.slice(endBefore)];
		const used = this.#replaced(gone, come) ?? usableEndpoints(list);
		this.#list = list;
		this.#used = used;
		return used;
	}

	/** What is used with these in the others' place; undefined where that cannot be told by them alone. */
	#replaced(gone: readonly Endpoint[], come: readonly Endpoint[]): UsableEndpoints | undefined {
		const known = this.#addresses;
		// They are known again once all has gone well.
		this.#addresses = undefined;
		if (!this.#used.plain || gone.length + come.length > MAX_CHANGED) return undefined;
		const endpoints = this.#used.endpoints.slice();
		for (const e of gone) {
			endpoints.splice(placeInOrder(endpoints, e), 1);
			known?.delete(e);
		}
		const addresses = endpoints.length < FEW ? undefined : (known ?? addressesOf(endpoints));
		for (const e of come) {
			if (endpointProblem(e) !== undefined || !isAddress(e.address)) return undefined;
			if (addresses ? addresses.has(e) : endpoints.some((other) => sameAddress(e, other))) return undefined;
			endpoints.splice(placeInOrder(endpoints, e), 0, e);
			addresses?.set(e, true);
		}
		this.#addresses = addresses;
		return { ...this.#used, endpoints };
	}
}

function addressesOf(list: readonly Endpoint[]): AddressMap<true> {
	const addresses = new AddressMap<true>();
	for (const e of list) addresses.set(e, true);
	return addresses;
}

function sameAddress(a: Endpoint, b: Endpoint): boolean {
	return a.port === b.port && a.address === b.address;
}

/** What the source's object was at the time does not count: all that is said of it is what it was when the endpoint changed. */
function isAgain(before: Endpoint, e: Endpoint): boolean {
	if (e === before) return true;
	// They may be anything that a source gives.
	if (!before?.locality || !e?.locality) return false;
	return (
		sameEndpoint(before, e) && before.origin?.target === e.origin?.target && before.origin?.object === e.origin?.object
	);
}
