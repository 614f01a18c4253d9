import type { LoadResult } from "../../../lab/load.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { BACKENDS, type Shares } from "./back-ends.js";
import { type Counts, sameBackends, sum } from "./judge.js";

/** So many answers are looked at to see whether the traffic has moved, */
const PROBE = 60;
/** and so many are counted then. */
export const COUNTED = 500;

/** The steady traffic of one client, from its start to its end. */
export interface Traffic {
	/** What it is called in the table. */
	readonly title: string;
	/** All that has been counted so far. */
	read(): Promise<LoadResult>;
	/** Waits for the requests under way, and gives the counts. */
	stop(): Promise<LoadResult>;
}

/**
 * How the next requests are divided, once the traffic goes to the back ends that it should go to. Waits for that for
 * 10 s at most; if it does not come, what is counted shows it.
 */
export async function measure(traffic: Traffic, shares: Shares, signal: AbortSignal): Promise<Counts> {
	const deadline = performance.now() + 10_000;
	while (performance.now() < deadline) {
		if (sameBackends(await count(traffic, PROBE, signal), shares)) break;
	}
	return count(traffic, COUNTED, signal);
}

/** How the next so many requests are divided, of which some are under way and some may fail. 20 s at most. */
async function count(traffic: Traffic, requests: number, signal: AbortSignal): Promise<Counts> {
	const before = await traffic.read();
	let counts: Counts = { a: 0, b: 0, c: 0 };
	await waitUntil(
		`${requests} requests of ${traffic.title} are answered or fail`,
		async () => {
			const now = await traffic.read();
			counts = difference(before, now);
			return sum(counts) + now.failed - before.failed >= requests;
		},
		{ timeout: 20_000, signal },
	);
	return counts;
}

function difference(before: LoadResult, after: LoadResult): Counts {
	const [a, b, c] = BACKENDS.map((name) => (after.byBackend[name] ?? 0) - (before.byBackend[name] ?? 0));
	return { a: a ?? 0, b: b ?? 0, c: c ?? 0 };
}
