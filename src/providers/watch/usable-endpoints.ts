import { sortedSplit, split } from "../../model/canonical-order.js";
import { addressOf, type Endpoint } from "../../model/endpoint.js";
import { isAddress } from "../../model/endpoint-address.js";
import { endpointProblem } from "../../model/endpoint-problem.js";

/** The usable part of a provider's answer. */
export interface UsableEndpoints {
	/** In canonical order; repeats of an address stand after everything else. */
	readonly endpoints: readonly Endpoint[];
	/** What was left out, and why. */
	readonly problems: readonly string[];
	/** Whether there are only addresses, each once, and nothing was left out: the usual case. */
	readonly plain: boolean;
}

/** Leaves out what no client would accept: a provider may be anybody's. */
export function usableEndpoints(list: readonly Endpoint[]): UsableEndpoints {
	const problems: string[] = [];
	const good = list.filter((e) => {
		const problem = endpointProblem(e);
		if (problem !== undefined) problems.push(`endpoint ${addressOf(e)} left out: ${problem}`);
		return problem === undefined;
	});
	return ordered(good, problems);
}

/**
 * Endpoints that clients accept, in order.
 * @param problems what was left out, and why.
 */
export function ordered(good: readonly Endpoint[], problems: readonly string[] = []): UsableEndpoints {
	const { firsts, repeats } = sortedSplit(good);
	if (repeats.length > 0) return { endpoints: [...firsts, ...repeats], problems, plain: false };
	const plain = problems.length === 0 && firsts.every(({ address }) => isAddress(address));
	return { endpoints: firsts, problems, plain };
}

/** Each address once: of repeats the one that came first. */
export function withoutRepeats(list: readonly Endpoint[]): readonly Endpoint[] {
	return split(list).firsts;
}
