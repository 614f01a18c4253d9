import { addressOf, compareEndpoints, type Endpoint, MAX_PRIORITY } from "../model/endpoint.js";

/** What one target of a service gave. */
export interface Contribution {
	/** Its text, for the messages. */
	readonly target: string;
	/** Its priority within the service: all of a lower number are used before it. */
	readonly priority: number;
	readonly endpoints: readonly Endpoint[];
}

export interface Merged {
	/** In canonical order, each address once, priorities without gaps from 0. */
	readonly endpoints: readonly Endpoint[];
	/** What was mended, a sentence each. */
	readonly repairs: readonly string[];
}

/**
 * Merges what a service's targets gave into what every client accepts (R40): of a duplicate address the first stays,
 * priorities are renumbered without gaps. A target's priority comes before its endpoints' own.
 */
export function mergeEndpoints(contributions: readonly Contribution[]): Merged {
	const repairs: string[] = [];
	const seen = new Map<string, string>();
	const kept: { readonly rank: readonly [number, number]; readonly endpoint: Endpoint }[] = [];
	for (const { target, priority, endpoints } of contributions) {
		for (const e of endpoints) {
			const address = addressOf(e);
			const first = seen.get(address);
			if (first !== undefined) {
				const where = first === target ? "" : `, already given by ${first}`;
				repairs.push(`duplicate endpoint ${address} in ${target} left out${where}`);
				continue;
			}
			seen.set(address, target);
			if (e.weight === 0) repairs.push(`endpoint ${address} has weight 0: it gets no traffic`);
			kept.push({ rank: [priority, e.priority], endpoint: e });
		}
		const gap = firstPriorityGap(endpoints);
		if (gap !== undefined) repairs.push(`no endpoint of priority ${gap} in ${target}: the lower priorities move up`);
	}

	const ranks = rankNumbers(kept.map((k) => k.rank));
	const deepest = Math.max(0, ranks.size - 1);
	if (deepest > MAX_PRIORITY) {
		repairs.push(`${deepest + 1} priorities, ${MAX_PRIORITY + 1} are possible: the lowest ones are used as one`);
	}
	const endpoints = kept.map(({ rank, endpoint }) => {
		const priority = Math.min(ranks.get(rankKey(rank)) as number, MAX_PRIORITY);
		return priority === endpoint.priority ? endpoint : { ...endpoint, priority };
	});
	return { endpoints: endpoints.sort(compareEndpoints), repairs };
}

function rankKey([target, own]: readonly [number, number]): string {
	return `${target} ${own}`;
}

/** The numbers from 0 for the ranks that occur. */
function rankNumbers(ranks: readonly (readonly [number, number])[]): Map<string, number> {
	const distinct = new Map(ranks.map((rank) => [rankKey(rank), rank]));
	const sorted = [...distinct].sort(([, a], [, b]) => a[0] - b[0] || a[1] - b[1]);
	return new Map(sorted.map(([key], number) => [key, number]));
}

/** What is mended of the priorities of a service's targets, in a sentence. */
export function targetsRepair(targets: readonly { readonly priority: number }[]): string | undefined {
	const gap = firstPriorityGap(targets);
	return gap === undefined ? undefined : `no target of priority ${gap}: the lower priorities move up`;
}

/** The first priority that is missing above one that is there. */
export function firstPriorityGap(list: readonly { readonly priority: number }[]): number | undefined {
	const priorities = new Set(list.map(({ priority }) => priority));
	for (let i = 0; i < priorities.size; i++) if (!priorities.has(i)) return i;
	return undefined;
}
