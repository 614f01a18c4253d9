import { isAfter, placeInOrder } from "../model/canonical-order.js";
import { type Endpoint, sameEndpoint, sameOrigin } from "../model/endpoint.js";
import { isAddress } from "../model/endpoint-address.js";
import { endpointProblem } from "../model/endpoint-problem.js";
import { differenceOf } from "../model/list-difference.js";
import { type UsableEndpoints, usableEndpoints } from "./usable-endpoints.js";

/** Where more differs, all of it is looked at. */
const MAX_CHANGED = 64;

/**
 * The answers of a source, one after the other. What is again in the next one stays the very same object, and is not looked
 * at again: neither here nor by those who use it.
 */
export class Answers {
	/** As the source gave it. */
	#list: readonly Endpoint[] = [];
	#used: UsableEndpoints = { endpoints: [], problems: [], plain: true };

	/** @returns what is to be used of it. */
	next(given: readonly Endpoint[]): UsableEndpoints {
		const before = this.#list;
		const { start, endBefore, endAfter } = differenceOf(before, given, isAgain);
		const changed = given.slice(start, endAfter);
		this.#list = [...before.slice(0, start), ...changed, ...before.slice(endBefore)];
		this.#used = this.#replaced(before.slice(start, endBefore), changed) ?? usableEndpoints(this.#list);
		return this.#used;
	}

	/** Undefined where that is not enough to know what is to be used. */
	#replaced(gone: readonly Endpoint[], come: readonly Endpoint[]): UsableEndpoints | undefined {
		if (gone.length + come.length === 0) return this.#used;
		if (!this.#used.plain || gone.length + come.length > MAX_CHANGED) return undefined;
		const endpoints = this.#used.endpoints.slice();
		for (const e of gone) endpoints.splice(placeInOrder(endpoints, e), 1);
		for (const e of come) {
			if (endpointProblem(e) !== undefined || !isAddress(e.address)) return undefined;
			const place = placeInOrder(endpoints, e);
			const [previous, next] = [endpoints[place - 1], endpoints[place]];
			if ((previous && !isAfter(e, previous)) || (next && !isAfter(next, e))) return undefined;
			endpoints.splice(place, 0, e);
		}
		return { ...this.#used, endpoints };
	}
}

/** @param e may be anything that a source gives. */
function isAgain(before: Endpoint, e: Endpoint): boolean {
	return e === before || (!!e?.locality && sameEndpoint(before, e) && sameOrigin(before.origin, e.origin));
}
