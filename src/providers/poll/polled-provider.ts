import { type Endpoint, sameEndpoints } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { formatDuration } from "../../util/duration.js";
import { FingerpostError, messageOf, ServiceNotFound, SourceFailed } from "../../util/errors.js";
import { withinLimit } from "../../util/time-limit.js";
import type { AnswerDetails, Provider, TargetObserver } from "../provider.js";
import { Poll } from "./poll.js";
import { type PollShare, SharedPolls } from "./shared-polls.js";

/** What a source says of a target: the full list, and what is known of it. */
export interface PollAnswer extends AnswerDetails {
	readonly endpoints: readonly Endpoint[];
	/**
	 * Milliseconds for which the answer holds, as the source says; the next look-up is due then.
	 */
	readonly maxAge?: number;
}

export interface LookUpOptions {
	/** Fires when nobody wants to know any more, and when the time-out is over. */
	readonly signal: AbortSignal;
	/**
	 * The last answer while the target is watched. To return it again says that nothing has
	 * changed.
	 */
	readonly previous?: PollAnswer;
}

/**
 * Asks the source once. An empty list says that there is nothing.
 * @throws ServiceNotFound if the source says that there is no such service; whatever else is thrown
 *   is a failure.
 */
export type LookUp = (target: Target, options: LookUpOptions) => Promise<readonly Endpoint[] | PollAnswer>;

/** All times in milliseconds. */
export interface PollOptions {
	/**
	 * From an answer to the next look-up; 30,000 unless given. 0 is for a source that answers when
	 * something changes.
	 */
	readonly interval?: number;
	/**
	 * No look-up begins sooner after the one before, however often a refresh is requested; 1,000
	 * unless given.
	 */
	readonly minInterval?: number;
	/**
	 * An answer's `maxAge` counts up to here; 300,000 or the interval unless given, whichever is
	 * more.
	 */
	readonly maxInterval?: number;
	/** After this time a look-up has failed; 10,000 unless given. */
	readonly timeout?: number;
	/**
	 * The waits after failures: random between 0 and a bound that starts at `base`, 1,000, grows by
	 * `factor`, 2, and ends at `max`, 30,000.
	 */
	readonly backoff?: { readonly base?: number; readonly factor?: number; readonly max?: number };
	/** Why a target cannot be served, or undefined. No I/O; called when a config is read. */
	check?(target: Target): string | undefined;
}

/**
 * Makes a provider of a look-up, which it repeats while a target is watched. A failure is told as a
 * failure and leaves the last endpoints in use. Watches of the same target share the look-ups.
 */
export function poll(lookUp: LookUp, options: PollOptions = {}): Provider {
	return new PolledProvider(lookUp, options);
}

class PolledProvider implements Provider {
	readonly #lookUp: LookUp;
	readonly #options: PollOptions;
	readonly #polls = new SharedPolls<PollAnswer>();

	constructor(lookUp: LookUp, options: PollOptions) {
		this.#lookUp = lookUp;
		this.#options = options;
	}

	check(target: Target): string | undefined {
		return this.#options.check?.(target);
	}

	async discover(target: Target, { signal }: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		return (await this.#ask(target, signal)).endpoints;
	}

	watch(target: Target, observer: TargetObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const share: PollShare<PollAnswer> = this.#polls.share(
			target.text,
			() => tell(share.poll, observer),
			() => this.#poll(target),
		);
		signal.addEventListener("abort", () => share.release(), { once: true });
		// Another watch of the target may have an answer or a failure already.
		const { answer, error } = share.poll;
		if (answer) tellAnswer(answer, observer);
		if (error && !signal.aborted) observer.failed(error);
	}

	refresh(target: Target): void {
		this.#polls.get(target.text)?.refresh();
	}

	#poll(target: Target): Poll<PollAnswer> {
		const { interval = 30_000, minInterval = 1_000, backoff } = this.#options;
		const { maxInterval = Math.max(300_000, interval) } = this.#options;
		return new Poll((signal, previous) => this.#askAgain(target, signal, previous), {
			...{ interval, minInterval, maxInterval },
			backoff: { base: 1_000, max: 30_000, ...backoff },
			maxAge: (answer) => answer.maxAge,
		});
	}

	/**
	 * For a watch, a missing service is an answer: no endpoints. An equal list keeps its identity.
	 */
	async #askAgain(target: Target, signal: AbortSignal, previous: PollAnswer | undefined): Promise<PollAnswer> {
		try {
			const answer = await this.#ask(target, signal, previous);
			const isSame = previous && sameEndpoints(previous.endpoints, answer.endpoints);
			return isSame ? { ...answer, endpoints: previous.endpoints } : answer;
		} catch (error) {
			if (!(error instanceof ServiceNotFound)) throw error;
			return { endpoints: [], notes: [error.message] };
		}
	}

	async #ask(target: Target, signal: AbortSignal, previous?: PollAnswer): Promise<PollAnswer> {
		const { timeout = 10_000 } = this.#options;
		const late = () => new SourceFailed(`"${target.text}": no answer within ${formatDuration(timeout)}`);
		try {
			const answer = await withinLimit({ ms: timeout, late, signal }, (end) =>
				this.#lookUp(target, { signal: end, ...(previous && { previous }) }),
			);
			return "endpoints" in answer ? answer : { endpoints: answer };
		} catch (cause) {
			signal.throwIfAborted();
			if (cause instanceof FingerpostError) throw cause;
			throw new SourceFailed(`"${target.text}": ${messageOf(cause)}`, { cause });
		}
	}
}

function tell({ answer, error }: Poll<PollAnswer>, observer: TargetObserver): void {
	if (error) observer.failed(error);
	else if (answer) tellAnswer(answer, observer);
}

function tellAnswer({ endpoints, maxAge: _, ...details }: PollAnswer, observer: TargetObserver): void {
	observer.endpoints(endpoints, details);
}
