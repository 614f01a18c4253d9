import type { Cache } from "../../cache/cache.js";
import { inSlices, type Steps } from "../../util/steps.js";

/** Between two looks at where clients are: milliseconds. No service is split anew more often. */
const LOOK_MS = 1_000;
/** Looking takes at most this part of the time: with ten thousand services one look takes a while. */
const SHARE = 20;

/**
 * Has a cache send the clients of each zone where they are to go by where all clients are.
 * @param signal ends it.
 * @param changed called where something else counts than before.
 */
export function followDemand(
	cache: Pick<Cache, "followDemand">,
	signal: AbortSignal,
	changed: () => void = () => {},
): void {
	const look = async () => {
		let spent = 0;
		// It only fails by the signal, or by what nobody expects: that is not to be swallowed.
		const isOther = await inSlices(timed(cache.followDemand(performance.now())), signal).catch((reason) => {
			if (!signal.aborted) throw reason;
		});
		if (isOther) changed();
		if (!signal.aborted) timer = setTimeout(look, Math.max(LOOK_MS, SHARE * spent)).unref();

		function* timed(steps: Steps<boolean>): Steps<boolean> {
			for (;;) {
				const since = performance.now();
				const { done, value } = steps.next();
				spent += performance.now() - since;
				if (done) return value;
				yield;
			}
		}
	};
	let timer = setTimeout(look, LOOK_MS).unref();
	signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}
