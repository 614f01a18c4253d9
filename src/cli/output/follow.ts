import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../util/errors.js";

/**
 * Tells that something may have changed: at once when it begins to listen, then each time. It ends when whoever tells
 * has gone, and throws when that cannot be reached.
 */
export type Changes = (signal: AbortSignal) => AsyncIterable<unknown>;

/** Between two attempts to listen: milliseconds. */
const AGAIN_MS = 2_000;
/** From one reading to the next at least, however fast changes come: milliseconds. */
const REST_MS = 200;

/**
 * Calls `again` at each change, one call after the other, until the signal fires. Changes during a call are one more.
 * @param failed told of each new reason why nothing can be read
 */
export async function follow(
	changes: Changes,
	again: () => Promise<void>,
	failed: (error: string) => void,
	signal: AbortSignal,
): Promise<void> {
	let told: string | undefined;
	const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
	while (!signal.aborted) {
		try {
			for await (const _ of changes(signal)) {
				await again();
				told = undefined;
				await pause(REST_MS);
				if (signal.aborted) return;
			}
		} catch (error) {
			const [reason = ""] = messageOf(error).split("\n", 1);
			// The control plane may be on its way back.
			if (!signal.aborted && reason !== told) failed(reason);
			told = reason;
		}
		await pause(AGAIN_MS);
	}
}
