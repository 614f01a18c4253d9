import { setTimeout as delay } from "node:timers/promises";

/** Waits for it, however it ends, but at most so many milliseconds. @returns whether it has ended. */
export async function within(limit: number, work: Promise<unknown> | undefined): Promise<boolean> {
	const stop = new AbortController();
	const late = delay(limit, false, { signal: stop.signal }).catch(() => false);
	const ended = Promise.allSettled([work]).then(() => true);
	const isEnded = await Promise.race([ended, late]);
	stop.abort();
	return isEnded;
}
