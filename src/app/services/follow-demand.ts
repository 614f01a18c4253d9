import type { Cache } from "../../cache/cache.js";
import { inSlices } from "../../util/steps.js";

/** Between two looks at where clients are: milliseconds. No service is split anew more often. */
const LOOK_MS = 1_000;

/** Has a cache send the clients of each zone where they are to go by where all clients are. @param signal ends it. */
export function followDemand(cache: Cache, signal: AbortSignal): void {
	const look = async () => {
		// It only fails by the signal, or by what nobody expects: that is not to be swallowed.
		await inSlices(cache.followDemand(performance.now()), signal).catch((reason) => {
			if (!signal.aborted) throw reason;
		});
		if (!signal.aborted) timer = setTimeout(look, LOOK_MS).unref();
	};
	let timer = setTimeout(look, LOOK_MS).unref();
	signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}
