import type { LoadResult } from "./load.js";
import { waitUntil } from "./wait-until.js";

type Counted = Pick<LoadResult, "ok" | "failed">;

/** By when clients are to have left out what fails. */
const LEARNED_MS = 10_000;
/** Requests by then at least, so that there was something to learn from. */
const LEARNED = 200;
const WINDOW = 500;

/**
 * Of the requests that end 10 s after the start of a load or later, the part that fails: of 500 at least.
 * @param read what the load has counted so far.
 */
export async function failingAfterTenSeconds(read: () => Counted | Promise<Counted>): Promise<number> {
	const started = performance.now();
	const counted = async () => {
		const { ok, failed } = await read();
		return { all: ok + failed, failed };
	};
	const first = await waitUntil("10 s are over", async () => {
		const now = await counted();
		return performance.now() - started >= LEARNED_MS && now.all >= LEARNED && now;
	});
	const last = await waitUntil("as many requests again were made", async () => {
		const now = await counted();
		return now.all - first.all >= WINDOW && now;
	});
	return (last.failed - first.failed) / (last.all - first.all);
}
