import { setImmediate as turn } from "node:timers/promises";
import { type Endpoint, sameEndpoints } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { FingerpostError } from "../../util/errors.js";
import { inSlices, type Steps } from "../../util/steps.js";
import { traceAnswer } from "../look-ups.js";
import type { AnswerDetails, Provider, TargetObserver } from "../provider.js";
import { Answers } from "./answers.js";
import { DEFAULT_MAX_ENDPOINTS, tooMany } from "./max-endpoints.js";
import { countSource } from "./source-counts.js";
import type { Remembered, TargetStatus } from "./target-status.js";
import type { UsableEndpoints } from "./usable-endpoints.js";

export type { TargetCondition, TargetStatus } from "./target-status.js";

/** An answer of more endpoints is looked at in slices. */
const LARGE = 4_096;

const NO_NOTES: readonly string[] = [];

/** Why a watch has ended: one for all, as an error takes long to make. */
const ENDED = new DOMException("the watch has ended", "AbortError");

type Watcher = Pick<Provider, "watch" | "live">;

export interface TargetWatchOptions {
	/** Called when the source starts to fail, and when the reason changes. */
	readonly onError?: ((error: FingerpostError) => void) | undefined;
	/**
	 * How many endpoints the target may bring at the time of an answer; more are a failure. Default:
	 * 50,000.
	 */
	readonly maxEndpoints?: (() => number) | undefined;
	/** Counts as the last answer until there is one; nothing unless given. */
	readonly remembered?: Remembered | undefined;
}

/** What an observer is told: an answer, or a failure. */
interface News {
	readonly list?: readonly Endpoint[];
	readonly details?: AnswerDetails | undefined;
	readonly error?: FingerpostError;
	/** Ends the watch that it is from. */
	readonly signal: AbortSignal;
}

/** Watches one target and keeps the last authoritative answer, whatever happens to the source. */
export class TargetWatch {
	readonly target: Target;
	readonly #answers = new Answers();
	#endpoints: readonly Endpoint[] | undefined;
	#plain = false;
	#whole = false;
	#notes = NO_NOTES;
	#status: TargetStatus;
	/** Whether the provider follows the source's own events. */
	#follows = false;
	/** Whether an answer came since the watch began or the source failed. */
	#unbroken = false;
	#live = false;
	#abort = new AbortController();
	/** A large answer is looked at. */
	#working = false;
	/** What came meanwhile: the newest answer, and a failure after it. */
	#waiting: News[] = [];
	readonly #onChange: () => void;
	readonly #options: TargetWatchOptions;

	/** @param onChange called when the endpoints, the notes or the state change. */
	constructor(target: Target, onChange: () => void, options: TargetWatchOptions = {}) {
		this.target = target;
		this.#onChange = onChange;
		this.#options = options;
		this.#status = { target: target.text, state: "connecting", changes: 0 };
		if (options.remembered) this.#remember(options.remembered);
	}

	/**
	 * In canonical order, duplicates after everything else; undefined until the first authoritative
	 * answer.
	 */
	get endpoints(): readonly Endpoint[] | undefined {
		return this.#endpoints;
	}

	/** Whether the endpoints are addresses only, each once. */
	get plain(): boolean {
		return this.#plain;
	}

	/** Whether there was a complete answer: one that was not `partial`. */
	get whole(): boolean {
		return this.#whole;
	}

	/**
	 * Whether the newest answer was seen to come about: not by asking again and again, and not after
	 * a gap in which nothing was heard.
	 */
	get live(): boolean {
		return this.#live;
	}

	get notes(): readonly string[] {
		return this.#notes;
	}

	get status(): TargetStatus {
		return this.#status;
	}

	start(provider: Watcher): void {
		const { signal } = this.#abort;
		[this.#follows, this.#unbroken] = [provider.live ?? false, false];
		const maxEndpoints = () => this.#options.maxEndpoints?.() ?? DEFAULT_MAX_ENDPOINTS;
		const observer: TargetObserver = {
			endpoints: (list, details) => {
				if (signal.aborted) return;
				const most = maxEndpoints();
				if (list.length > most) this.#heard({ error: tooMany(list.length, most), signal });
				else this.#heard({ list, details, signal });
			},
			failed: (error) => {
				if (!signal.aborted) this.#heard({ error, signal });
			},
		};
		try {
			const known = this.#endpoints;
			provider.watch(this.target, observer, { signal, maxEndpoints, ...(known && { known }) });
		} catch (reason) {
			this.#failed(FingerpostError.from(reason));
		}
	}

	/** Restarts the watch with another provider. The endpoints stay until it has answered. */
	restart(provider: Watcher): void {
		this.#abort.abort(ENDED);
		this.#abort = new AbortController();
		this.start(provider);
	}

	/** Ends the watch and frees it; nothing is told any more. */
	stop(): void {
		this.#abort.abort(ENDED);
	}

	#heard(news: News): void {
		if (this.#working) {
			this.#waiting = news.list ? [news] : [...this.#waiting.filter(({ list }) => list), news];
			return;
		}
		const { list, details, error } = news;
		countSource(this.target.scheme, error ? "failures" : "answers");
		if (error) this.#failed(error);
		else if (list && list.length > LARGE) this.#takeLarge(list, news);
		else if (list) this.#answered(this.#answers.next(list), details);
	}

	#takeLarge(list: readonly Endpoint[], news: News): void {
		const steps = this.#answers.nextInSteps(list);
		const { done, value } = steps.next();
		// Mostly little of it has changed.
		if (done) this.#answered(value, news.details);
		else void this.#takeInSlices(steps, news);
	}

	async #takeInSlices(steps: Steps<UsableEndpoints>, { details, signal }: News): Promise<void> {
		this.#working = true;
		try {
			// What it is read from, and what comes of it, have turns of their own.
			await turn();
			const usable = await inSlices(steps, signal);
			await turn();
			if (!signal.aborted) this.#answered(usable, details);
		} catch (reason) {
			if (!signal.aborted) this.#failed(FingerpostError.from(reason));
		}
		this.#working = false;
		for (const news of this.#waiting.splice(0)) if (!news.signal.aborted) this.#heard(news);
	}

	#answered({ endpoints, problems, plain }: UsableEndpoints, details: AnswerDetails = {}): void {
		const notes = problems.length === 0 ? (details.notes ?? NO_NOTES) : [...(details.notes ?? []), ...problems];
		const { target, state, lastError, changes, changedAt: changedBefore } = this.#status;
		const changed = this.#endpoints === undefined || !sameEndpoints(this.#endpoints, endpoints);
		const whole = this.#whole || !details.partial;
		const told = changed || whole !== this.#whole || state !== "synced" || notes.join("\n") !== this.#notes.join("\n");
		if (changed) this.#endpoints = endpoints;
		this.#plain = plain;
		this.#live = this.#follows && this.#unbroken && !details.anew;
		this.#unbroken = true;
		this.#whole = whole;
		this.#notes = notes;
		const changedAt = changed ? details.changedAt : changedBefore;
		this.#status = {
			target,
			state: "synced",
			lastSuccess: new Date(),
			...(lastError && { lastError }),
			...(changedAt && { changedAt }),
			endpoints: endpoints.length,
			changes: changes + (changed ? 1 : 0),
		};
		const [size, count] = [endpoints.length, notes.length];
		traceAnswer(() => ({ target, state: "synced", endpoints: size, differs: changed, notes: count }));
		if (told) this.#onChange();
	}

	#remember({ endpoints: list, whole, lastSuccess, staleSince = lastSuccess }: Remembered): void {
		const { endpoints, plain } = this.#answers.next(list);
		[this.#endpoints, this.#plain, this.#whole] = [endpoints, plain, whole];
		const { target } = this.#status;
		const count = endpoints.length;
		this.#status = { target, state: "stale", lastSuccess, staleSince, endpoints: count, changes: 0 };
	}

	#failed(error: FingerpostError): void {
		const before = this.#status;
		const at = new Date();
		const state = this.#endpoints === undefined ? "failed" : "stale";
		// Who follows a source knows until then that nothing has changed.
		const heard = this.#follows && this.#unbroken ? at : before.lastSuccess;
		this.#unbroken = false;
		this.#status = {
			...before,
			state,
			lastError: { message: error.message, at },
			staleSince: before.staleSince ?? heard ?? at,
		};
		traceAnswer(() => ({ target: before.target, state, error: error.message }));
		if (before.state === state && before.lastError?.message === error.message) return;
		this.#options.onError?.(error);
		this.#onChange();
	}
}
