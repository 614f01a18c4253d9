import { type Endpoint, sameEndpoints } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { FingerpostError } from "../../util/errors.js";
import type { AnswerDetails, Provider, TargetObserver } from "../provider.js";
import { Answers } from "./answers.js";
import { DEFAULT_MAX_ENDPOINTS, tooMany } from "./max-endpoints.js";

const NO_NOTES: readonly string[] = [];

/**
 * `connecting`: no answer yet; `failed`: no answer yet, and the source fails; `stale`: it failed
 * after an answer.
 */
export type TargetCondition = "connecting" | "synced" | "stale" | "failed";

/** One target of a service, and how fresh its endpoints are. */
export interface TargetStatus {
	/** The target's text, `inline` for endpoints written out in the config. */
	readonly target: string;
	readonly state: TargetCondition;
	readonly lastSuccess?: Date;
	/** The newest failure; it stays after the source has recovered. */
	readonly lastError?: { readonly message: string; readonly at: Date };
	/** Since when the source has not confirmed the endpoints in use; absent while synced. */
	readonly staleSince?: Date;
	/** When the source itself said that the newest change happened, if it says so. */
	readonly changedAt?: Date;
	/** How many endpoints its last answer had; absent before one, and of endpoints written out. */
	readonly endpoints?: number;
	/** How often the endpoints changed. */
	readonly changes: number;
}

type Watcher = Pick<Provider, "watch">;

export interface TargetWatchOptions {
	/** Called when the source starts to fail, and when the reason changes. */
	readonly onError?: ((error: FingerpostError) => void) | undefined;
	/**
	 * How many endpoints the target may bring at the time of an answer; more are a failure. Default:
	 * 50,000.
	 */
	readonly maxEndpoints?: (() => number) | undefined;
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
	#abort = new AbortController();
	readonly #onChange: () => void;
	readonly #options: TargetWatchOptions;

	/** @param onChange called when the endpoints, the notes or the state change. */
	constructor(target: Target, onChange: () => void, options: TargetWatchOptions = {}) {
		this.target = target;
		this.#onChange = onChange;
		this.#options = options;
		this.#status = { target: target.text, state: "connecting", changes: 0 };
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

	get notes(): readonly string[] {
		return this.#notes;
	}

	get status(): TargetStatus {
		return this.#status;
	}

	start(provider: Watcher): void {
		const { signal } = this.#abort;
		const observer: TargetObserver = {
			endpoints: (list, details) => {
				if (signal.aborted) return;
				const most = this.#options.maxEndpoints?.() ?? DEFAULT_MAX_ENDPOINTS;
				if (list.length > most) this.#failed(tooMany(list.length, most));
				else this.#answered(list, details);
			},
			failed: (error) => {
				if (!signal.aborted) this.#failed(error);
			},
		};
		try {
			const known = this.#endpoints;
			provider.watch(this.target, observer, { signal, ...(known && { known }) });
		} catch (reason) {
			this.#failed(FingerpostError.from(reason));
		}
	}

	/** Restarts the watch with another provider. The endpoints stay until it has answered. */
	restart(provider: Watcher): void {
		this.#abort.abort();
		this.#abort = new AbortController();
		this.start(provider);
	}

	/** Ends the watch and frees it; nothing is told any more. */
	stop(): void {
		this.#abort.abort();
	}

	#answered(list: readonly Endpoint[], details: AnswerDetails = {}): void {
		const { endpoints, problems, plain } = this.#answers.next(list);
		const notes = problems.length === 0 ? (details.notes ?? NO_NOTES) : [...(details.notes ?? []), ...problems];
		const { target, state, lastError, changes, changedAt: changedBefore } = this.#status;
		const changed = this.#endpoints === undefined || !sameEndpoints(this.#endpoints, endpoints);
		const whole = this.#whole || !details.partial;
		const told = changed || whole !== this.#whole || state !== "synced" || notes.join("\n") !== this.#notes.join("\n");
		if (changed) this.#endpoints = endpoints;
		this.#plain = plain;
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
		if (told) this.#onChange();
	}

	#failed(error: FingerpostError): void {
		const before = this.#status;
		const at = new Date();
		const state = this.#endpoints === undefined ? "failed" : "stale";
		this.#status = {
			...before,
			state,
			lastError: { message: error.message, at },
			staleSince: before.staleSince ?? before.lastSuccess ?? at,
		};
		if (before.state === state && before.lastError?.message === error.message) return;
		this.#options.onError?.(error);
		this.#onChange();
	}
}
