import type { Target } from "../../model/target.js";
import { formatDuration } from "../../util/duration.js";
import { messageOf, SourceFailed } from "../../util/errors.js";
import { withinLimit } from "../../util/time-limit.js";
import { Poll } from "../poll/poll.js";
import type { PollOptions } from "../poll/polled-provider.js";
import type { FoundService, RegistryObserver } from "../provider.js";

/** Lists the services of a whole registry once. Whatever it throws is a failure. */
export type ListAll = (target: Target, options: { readonly signal: AbortSignal }) => Promise<readonly FoundService[]>;

/** Lists a whole registry again and again until the signal fires. */
export function pollRegistry(
	target: Target,
	observer: RegistryObserver,
	signal: AbortSignal,
	list: ListAll,
	{ interval = 30_000, minInterval = 1_000, timeout = 10_000, backoff }: PollOptions,
): void {
	const late = () => new SourceFailed(`"${target.text}": no answer within ${formatDuration(timeout)}`);
	const ask = async (until: AbortSignal) => {
		try {
			return await withinLimit({ ms: timeout, late, signal: until }, (end) => list(target, { signal: end }));
		} catch (cause) {
			until.throwIfAborted();
			throw new SourceFailed(`"${target.text}": ${messageOf(cause)}`, { cause });
		}
	};
	const poll = new Poll(ask, {
		...{ interval, minInterval, maxInterval: Math.max(300_000, interval) },
		backoff: { base: 1_000, max: 30_000, ...backoff },
	});
	const tell = () => {
		const { answer, error } = poll;
		if (error) observer.failed(error);
		else if (answer) observer.services(answer);
	};
	signal.addEventListener("abort", () => poll.remove(tell), { once: true });
	poll.add(tell);
}
