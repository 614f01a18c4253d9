import { type Steps, sortInSteps } from "../util/steps.js";
import { AddressMap } from "./address-map.js";
import { compareEndpoints, type Endpoint, sameEndpoint } from "./endpoint.js";
import { sameLocality } from "./locality.js";

/** Endpoints that are looked at in one step. */
const STEP = 1_024;

/** Endpoints told apart by whether their address has come before. */
export interface Split {
	/** Of each address the one that came first. */
	readonly firsts: readonly Endpoint[];
	readonly repeats: readonly Endpoint[];
}

/** Both parts in canonical order; the list itself stays as it is. */
export function* sortedSplit(list: readonly Endpoint[]): Steps<Split> {
	const sorted = isInCanonicalOrder(list) ? list : yield* sortInSteps(list, compareEndpoints, undefined);
	if (isOneAfterAnother(sorted)) return { firsts: sorted, repeats: [] };
	const { firsts, repeats } = yield* split(list);
	if (firsts === list) return { firsts: sorted, repeats };
	return { firsts: inCanonicalOrder(firsts), repeats: inCanonicalOrder(repeats) };
}

/** Both parts in the order of the list, which is itself the first part where no address repeats. */
export function* split(list: readonly Endpoint[]): Steps<Split> {
	const seen = new AddressMap<true>();
	const firsts: Endpoint[] = [];
	const repeats: Endpoint[] = [];
	for (const [i, e] of list.entries()) {
		if (i % STEP === STEP - 1) yield;
		if (seen.has(e)) repeats.push(e);
		else {
			seen.set(e, true);
			firsts.push(e);
		}
	}
	return repeats.length === 0 ? { firsts: list, repeats } : { firsts, repeats };
}

/** Whether both lists hold the same endpoints in the same order. */
export function* sameInSteps(a: readonly Endpoint[], b: readonly Endpoint[]): Steps<boolean> {
	if (a === b) return true;
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) {
		if (i % STEP === STEP - 1) yield;
		if (!sameEndpoint(a[i] as Endpoint, b[i] as Endpoint)) return false;
	}
	return true;
}

/** As inCanonicalOrder(), for many. */
export function* orderInSteps(list: readonly Endpoint[]): Steps<readonly Endpoint[]> {
	return isInCanonicalOrder(list) ? list : yield* sortInSteps(list, compareEndpoints, undefined);
}

/** The list itself where it is in canonical order. */
export function inCanonicalOrder(list: readonly Endpoint[]): readonly Endpoint[] {
	return isInCanonicalOrder(list) ? list : list.toSorted(compareEndpoints);
}

function isInCanonicalOrder(list: readonly Endpoint[]): boolean {
	for (let i = 1; i < list.length; i++) {
		if (compareEndpoints(list[i - 1] as Endpoint, list[i] as Endpoint) > 0) return false;
	}
	return true;
}

/**
 * Whether all are of one priority and locality and in canonical order: then a repeat of an address would be seen, as the
 * two stand side by side. Most lists are of this kind.
 */
export function isOneAfterAnother(list: readonly Endpoint[]): boolean {
	for (let i = 1; i < list.length; i++) {
		const [a, b] = [list[i - 1] as Endpoint, list[i] as Endpoint];
		if (a.priority !== b.priority || !sameLocality(a.locality, b.locality)) return false;
		if (compareEndpoints(a, b) >= 0) return false;
	}
	return true;
}

/** Where the endpoint is in the list, which is in canonical order, or else would have to be put. */
export function placeInOrder(list: readonly Endpoint[], e: Endpoint): number {
	let [from, to] = [0, list.length];
	while (from < to) {
		const middle = (from + to) >> 1;
		if (compareEndpoints(list[middle] as Endpoint, e) < 0) from = middle + 1;
		else to = middle;
	}
	return from;
}
