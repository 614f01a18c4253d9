import { sortedSplit, split } from "../../model/canonical-order.js";
import { addressOf, type Endpoint } from "../../model/endpoint.js";
import { isAddress } from "../../model/endpoint-address.js";
import { endpointProblem } from "../../model/endpoint-problem.js";
import { atOnce, type Steps } from "../../util/steps.js";

/** The usable part of a provider's answer. */
export interface UsableEndpoints {
	/** In canonical order; repeats of an address stand after everything else. */
	readonly endpoints: readonly Endpoint[];
	/** What was left out, and why. */
	readonly problems: readonly string[];
	/** Whether there are only addresses, each once, and nothing was left out: the usual case. */
	readonly plain: boolean;
}

/** Endpoints that are looked at in one step. */
const STEP = 1_024;

/** Leaves out what no client would accept: a provider may be anybody's. */
export function usableEndpoints(list: readonly Endpoint[]): UsableEndpoints {
	return atOnce(usableInSteps(list));
}

/** As usableEndpoints(), for many. */
export function* usableInSteps(list: readonly Endpoint[]): Steps<UsableEndpoints> {
	const problems: string[] = [];
	const good: Endpoint[] = [];
	for (const [i, e] of list.entries()) {
		if (i % STEP === STEP - 1) yield;
		const problem = endpointProblem(e);
		if (problem === undefined) good.push(e);
		else problems.push(`endpoint ${addressOf(e)} left out: ${problem}`);
	}
	return yield* orderedInSteps(good, problems);
}

/**
 * Endpoints that clients accept, in order.
 * @param problems what was left out, and why.
 */
export function* orderedInSteps(good: readonly Endpoint[], problems: readonly string[] = []): Steps<UsableEndpoints> {
	const { firsts, repeats } = yield* sortedSplit(good);
	if (repeats.length > 0) return { endpoints: [...firsts, ...repeats], problems, plain: false };
	const plain = problems.length === 0 && firsts.every(({ address }) => isAddress(address));
	return { endpoints: firsts, problems, plain };
}

/** Each address once: of repeats the one that came first. */
export function withoutRepeats(list: readonly Endpoint[]): readonly Endpoint[] {
	return atOnce(split(list)).firsts;
}
