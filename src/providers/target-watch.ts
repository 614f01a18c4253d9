import { addressOf, compareEndpoints, type Endpoint, sameEndpoints } from "../model/endpoint.js";
import type { Target } from "../model/target.js";
import { FingerpostError } from "../util/errors.js";
import type { AnswerDetails, TargetObserver } from "./provider.js";
import type { Registry } from "./registry.js";

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
	#endpoints: readonly Endpoint[] | undefined;
	#notes = NO_NOTES;
	#status: TargetStatus;
	readonly #abort = new AbortController();
	readonly #onChange: () => void;

	/** @param onChange called when the endpoints, the notes or the state changed; not for a mere confirmation. */
	constructor(target: Target, onChange: () => void) {
		this.target = target;
		this.#onChange = onChange;
		this.#status = { target: target.text, state: "connecting", changes: 0 };
	}

	/** In canonical order, duplicates after everything else; undefined until the first authoritative answer. */
	get endpoints(): readonly Endpoint[] | undefined {
		return this.#endpoints;
	}

	get notes(): readonly string[] {
		return this.#notes;
	}

	get status(): TargetStatus {
		return this.#status;
	}

	start(registry: Registry): void {
		const observer: TargetObserver = {
			endpoints: (list, details) => this.#answered(list, details),
			failed: (error) => this.#failed(error),
		};
		try {
			registry.watch(this.target, observer, { signal: this.#abort.signal });
		} catch (reason) {
			this.#failed(FingerpostError.from(reason));
		}
	}

	/** Ends the watch and frees it; nothing is told any more. */
	stop(): void {
		this.#abort.abort();
	}

	#answered(list: readonly Endpoint[], details: AnswerDetails = {}): void {
		if (this.#abort.signal.aborted) return;
		const sorted = canonical(list);
		const notes = details.notes ?? NO_NOTES;
		const before = this.#status;
		const changed = this.#endpoints === undefined || !sameEndpoints(this.#endpoints, sorted);
		const told = changed || before.state !== "synced" || notes.join("\n") !== this.#notes.join("\n");
		if (changed) this.#endpoints = sorted;
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
		if (this.#abort.signal.aborted) return;
		const before = this.#status;
		const at = new Date();
		const state = this.#endpoints === undefined ? "failed" : "stale";
		this.#status = {
			...before,
			state,
			lastError: { message: error.message, at },
			staleSince: before.staleSince ?? before.lastSuccess ?? at,
		};
		if (before.state !== state || before.lastError?.message !== error.message) this.#onChange();
	}
}

/** Sorted, but an address that came before stays after the one that came first: of duplicates the first counts. */
function canonical(list: readonly Endpoint[]): Endpoint[] {
	const seen = new Set<string>();
	const firsts: Endpoint[] = [];
	const repeats: Endpoint[] = [];
	for (const e of list) {
		const { size } = seen;
		(seen.add(addressOf(e)).size > size ? firsts : repeats).push(e);
	}
	return [...firsts.sort(compareEndpoints), ...repeats.sort(compareEndpoints)];
}
