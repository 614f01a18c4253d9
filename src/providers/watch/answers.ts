import { AddressMap } from "../../model/address-map.js";
import { placeInOrder } from "../../model/canonical-order.js";
import { type Endpoint, sameEndpoint } from "../../model/endpoint.js";
import { isAddress } from "../../model/endpoint-address.js";
import { endpointProblem } from "../../model/endpoint-problem.js";
import { differenceOf } from "../../model/list-difference.js";
import { atOnce, type Steps } from "../../util/steps.js";
import { orderedInSteps, type UsableEndpoints, usableInSteps } from "./usable-endpoints.js";

/** If more endpoints differ, the whole list is processed anew. */
const MAX_CHANGED = 64;
/** Below this many endpoints a linear search for an address is as fast as a map. */
const FEW = 64;

/**
 * Successive answers of one source. An endpoint that the next answer has again stays the same
 * object, so that neither this class nor its users look at it twice.
 */
export class Answers {
	readonly #checked: boolean;
	/** The last answer, in the source's order. */
	#list: readonly Endpoint[] = [];
	#used: UsableEndpoints = { endpoints: [], problems: [], plain: true };
	/** The addresses in use, once a long list has changed. */
	#addresses: AddressMap<true> | undefined;

	/** @param checked whether every endpoint is known to be one that clients accept. */
	constructor({ checked = false }: { readonly checked?: boolean } = {}) {
		this.#checked = checked;
	}

	/** @returns what can be used of the answer. */
	next(given: readonly Endpoint[]): UsableEndpoints {
		return atOnce(this.nextInSteps(given));
	}

	/** As next(), for many. There is no other meanwhile. */
	*nextInSteps(given: readonly Endpoint[]): Steps<UsableEndpoints> {
		const before = this.#list;
		const { start, endBefore, endAfter } = differenceOf(before, given, isAgain);
		const gone = before.slice(start, endBefore);
		const come = given.slice(start, endAfter);
		if (gone.length + come.length === 0) return this.#used;
		const list = [...before.slice(0, start), ...come, ...before.slice(endBefore)];
		const anew = () => (this.#checked ? orderedInSteps(list) : usableInSteps(list));
		const used = this.#replaced(gone, come) ?? (yield* anew());
		this.#list = list;
		this.#used = used;
		return used;
	}

	/**
	 * The list in use with `come` in place of `gone`; undefined where the whole list must be
	 * processed.
	 */
	#replaced(gone: readonly Endpoint[], come: readonly Endpoint[]): UsableEndpoints | undefined {
		const known = this.#addresses;
		// Restored only if every step succeeds.
		this.#addresses = undefined;
		if (!this.#used.plain || gone.length + come.length > MAX_CHANGED) return undefined;
		const endpoints = this.#used.endpoints.slice();
		for (const e of gone) {
			endpoints.splice(placeInOrder(endpoints, e), 1);
			known?.delete(e);
		}
		const addresses = endpoints.length < FEW ? undefined : (known ?? addressesOf(endpoints));
		for (const e of come) {
			if ((!this.#checked && endpointProblem(e) !== undefined) || !isAddress(e.address)) return undefined;
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

/** Revision and time of the origin do not count: they stay those of the endpoint's last change. */
function isAgain(before: Endpoint, e: Endpoint): boolean {
	if (e === before) return true;
	// A provider without types may give anything.
	if (!before?.locality || !e?.locality) return false;
	return (
		sameEndpoint(before, e) && before.origin?.target === e.origin?.target && before.origin?.object === e.origin?.object
	);
}
