import { AddressMap } from "../model/address-map.js";
import { isOneAfterAnother, orderInSteps } from "../model/canonical-order.js";
import { addressOf, type Endpoint, MAX_PRIORITY } from "../model/endpoint.js";
import { atOnce, type Steps } from "../util/steps.js";
import { withoutSecondUse } from "./additional-addresses.js";

/** Endpoints that are looked at in one step. */
const STEP = 1_024;

/** The endpoints that one target of a service gave. */
export interface Contribution {
	/** Its text, for the messages. */
	readonly target: string;
	/** Its priority within the service; 0 is used first. */
	readonly priority: number;
	readonly endpoints: readonly Endpoint[];
	/** Whether they are known to be in canonical order, each address once. */
	readonly plain?: boolean;
	/** Whether the target has weight 0: then that is told of it, not of each endpoint. */
	readonly withoutTraffic?: boolean;
}

export interface Merged {
	/** In canonical order, each address once, priorities without gaps from 0. */
	readonly endpoints: readonly Endpoint[];
	/** What was changed so that every client accepts the endpoints; a sentence each. */
	readonly repairs: readonly string[];
	/** What a user should know about the endpoints, a sentence each; includes the repairs. */
	readonly notes: readonly string[];
}

/**
 * Merges the endpoints of a service's targets into a list that every client accepts (R40).
 * The first of duplicate addresses stays, and priorities are renumbered without gaps. A target's
 * priority counts before its endpoints' own.
 */
export function mergeEndpoints(contributions: readonly Contribution[]): Merged {
	return atOnce(mergeInSteps(contributions));
}

/** As mergeEndpoints(), for many. */
export function* mergeInSteps(contributions: readonly Contribution[]): Steps<Merged> {
	const repairs: string[] = [];
	const notes: string[] = [];
	const mended = (repair: string) => {
		repairs.push(repair);
		notes.push(repair);
	};
	const [only] = contributions;
	if (contributions.length === 1 && only && isPlain(only) && firstPriorityGap(only.endpoints) === undefined) {
		// The usual case: nothing to mend.
		yield;
		noteWeights(only, only.endpoints, notes);
		return { endpoints: yield* withoutSecondUse(only.endpoints, mended), repairs, notes };
	}
	const seen = new AddressMap<string>();
	const kept: Endpoint[] = [];
	const ranks: number[] = [];
	const numbers = new RankNumbers();
	for (const contribution of contributions) {
		const { target, priority, endpoints } = contribution;
		const start = kept.length;
		for (const e of endpoints) {
			const first = seen.get(e);
			if (first !== undefined) {
				const where = first === target ? "" : `, already given by ${first}`;
				mended(`duplicate endpoint ${addressOf(e)} in ${target} left out${where}`);
				continue;
			}
			seen.set(e, target);
			kept.push(e);
			ranks.push(numbers.add(priority, e.priority));
			if (kept.length % STEP === 0) yield;
		}
		noteWeights(contribution, kept.slice(start), notes);
		const gap = firstPriorityGap(endpoints);
		if (gap !== undefined) mended(`no endpoint of priority ${gap} in ${target}: the lower priorities move up`);
	}

	const deepest = numbers.settle() - 1;
	if (deepest > MAX_PRIORITY) {
		mended(`${deepest + 1} priorities, ${MAX_PRIORITY + 1} are possible: the lowest ones are used as one`);
	}
	for (const [i, endpoint] of kept.entries()) {
		if (i % STEP === STEP - 1) yield;
		const priority = Math.min(numbers.of(ranks[i] as number), MAX_PRIORITY);
		if (priority !== endpoint.priority) kept[i] = { ...endpoint, priority };
	}
	return { endpoints: yield* withoutSecondUse(yield* orderInSteps(kept), mended), repairs, notes };
}

function isPlain({ plain, endpoints }: Contribution): boolean {
	return plain || isOneAfterAnother(endpoints);
}

/** Tells what gets no traffic. */
function noteWeights({ target, withoutTraffic }: Contribution, endpoints: readonly Endpoint[], notes: string[]): void {
	if (withoutTraffic) notes.push(`${target} has weight 0: its endpoints get no traffic`);
	else {
		for (const e of endpoints) {
			if (e.weight === 0) notes.push(`endpoint ${addressOf(e)} has weight 0: it gets no traffic`);
		}
	}
}

/** Numbers the ranks in use from 0. A rank is the target's priority, then the endpoint's own. */
class RankNumbers {
	readonly #numbers = new Map<number, number>();
	/** The rank added last: neighbours mostly share one. */
	#last: number | undefined;

	/** @returns the rank. */
	add(priority: number, own: number): number {
		const rank = priority * (MAX_PRIORITY + 1) + own;
		if (rank !== this.#last) this.#numbers.set(rank, 0);
		this.#last = rank;
		return rank;
	}

	/** Call once, after all are added. @returns how many ranks there are. */
	settle(): number {
		const sorted = [...this.#numbers.keys()].sort((a, b) => a - b);
		for (const [number, rank] of sorted.entries()) this.#numbers.set(rank, number);
		return sorted.length;
	}

	of(rank: number): number {
		return this.#numbers.get(rank) as number;
	}
}

/**
 * How the priorities of a service's targets are mended, in a sentence; undefined if they have no
 * gap.
 */
export function targetsRepair(targets: readonly { readonly priority: number }[]): string | undefined {
	const gap = firstPriorityGap(targets);
	return gap === undefined ? undefined : `no target of priority ${gap}: the lower priorities move up`;
}

/** The first priority that is missing below one in use; undefined without a gap. */
export function firstPriorityGap(list: readonly { readonly priority: number }[]): number | undefined {
	const priorities = new Set<number>();
	let last: number | undefined;
	for (const { priority } of list) {
		if (priority !== last) priorities.add(priority);
		last = priority;
	}
	for (let i = 0; i < priorities.size; i++) if (!priorities.has(i)) return i;
	return undefined;
}
