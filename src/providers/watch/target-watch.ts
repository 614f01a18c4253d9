import { type Endpoint, sameEndpoints } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { FingerpostError } from "../../util/errors.js";
import type { AnswerDetails, TargetObserver } from "../provider.js";
import type { Registry } from "../registry.js";
import { Answers } from "./answers.js";
import { tooMany } from "./max-endpoints.js";

const NO_NOTES: readonly string[] = [];

/** `connecting`: no answer yet; `failed`: no answer yet, and the source fails; `stale`: it failed after an answer. */
export type TargetCondition = "connecting" | "synced" | "stale" | "failed";

/** One target of a service, and how fresh what is known of it is. */
export interface TargetStatus {
	/** The target's text, `inline` for endpoints written out in the config. */
	readonly target: string;
	readonly state: TargetCondition;
	readonly lastSuccess?: Date;
	/** The newest failure; it stays after the source has recovered. */
	readonly lastError?: { readonly message: string; readonly at: Date };
	/** Since when the endpoints in use are no longer confirmed; unset while synced. */
	readonly staleSince?: Date;
	/** When the source itself said that the newest change happened, if it says so. */
	readonly changedAt?: Date;
	/** How often the endpoints changed. */
	readonly changes: number;
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
	readonly #onError: ((error: FingerpostError) => void) | undefined;

	/**
	 * @param onChange called when the endpoints, the notes or the state changed; not for a mere confirmation.
	 * @param onError called when the source begins to fail, and when it fails otherwise than before.
	 */
	constructor(target: Target, onChange: () => void, onError?: (error: FingerpostError) => void) {
		this.target = target;
		this.#onChange = onChange;
		this.#onError = onError;
		this.#status = { target: target.text, state: "connecting", changes: 0 };
	}

	/** In canonical order, duplicates after everything else; undefined until the first authoritative answer. */
	get endpoints(): readonly Endpoint[] | undefined {
		return this.#endpoints;
	}

	/** Whether the endpoints are addresses only, each once. */
	get plain(): boolean {
		return this.#plain;
	}

	/** Whether there was an answer to which nothing was lacking. */
	get whole(): boolean {
		return this.#whole;
	}

	get notes(): readonly string[] {
		return this.#notes;
	}

	get status(): TargetStatus {
		return this.#status;
	}

	start(registry: Registry): void {
		const { signal } = this.#abort;
		const observer: TargetObserver = {
			endpoints: (list, details) => {
				if (signal.aborted) return;
				const { maxEndpoints } = registry;
				if (list.length > maxEndpoints) this.#failed(tooMany(list.length, maxEndpoints));
				else this.#answered(list, details);
			},
			failed: (error) => {
				if (!signal.aborted) this.#failed(error);
			},
		};
		try {
			registry.provider(this.target).watch(this.target, observer, { signal, known: this.#endpoints });
		} catch (reason) {
			this.#failed(FingerpostError.from(reason));
		}
	}

	/** Watches anew, by the provider that is registered now. What is known stays until it has answered. */
	restart(registry: Registry): void {
		this.#abort.abort();
		this.#abort = new AbortController();
		this.start(registry);
	}

	/** Ends the watch and frees it; nothing is told any more. */
	stop(): void {
		this.#abort.abort();
	}

	#answered(list: readonly Endpoint[], details: AnswerDetails = {}): void {
		const { endpoints, problems, plain } = this.#answers.next(list);
		const notes = problems.length === 0 ? (details.notes ?? NO_NOTES) : [...(details.notes ?? []), ...problems];
		const before = this.#status;
		const changed = this.#endpoints === undefined || !sameEndpoints(this.#endpoints, endpoints);
		const whole = this.#whole || !details.partial;
		const told =
			changed || whole !== this.#whole || before.state !== "synced" || notes.join("\n") !== this.#notes.join("\n");
		if (changed) this.#endpoints = endpoints;
		this.#plain = plain;
		this.#whole = whole;
		this.#notes = notes;
		this.#status = {
			target: before.target,
			state: "synced",
			lastSuccess: new Date(),
			lastError: before.lastError,
			changedAt: changed ? details.changedAt : before.changedAt,
			changes: before.changes + (changed ? 1 : 0),
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
		this.#onError?.(error);
		this.#onChange();
	}
}
