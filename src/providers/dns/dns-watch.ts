import { type Endpoint, sameEndpoints } from "../../model/endpoint.js";
import { formatDuration } from "../../util/duration.js";
import { type FingerpostError, SourceFailed } from "../../util/errors.js";
import type { TargetObserver } from "../provider.js";
import { Emptiness, type EmptinessOptions } from "./emptiness.js";
import type { Outcome, Records } from "./records.js";

export interface DnsWatchOptions extends EmptinessOptions {
	/** The endpoints that the observer has from an earlier watch. */
	readonly known?: readonly Endpoint[];
}

/** Tells an observer what a target's records say. */
export class DnsWatch {
	readonly #observer: TargetObserver;
	readonly #options: DnsWatchOptions;
	readonly #emptiness: Emptiness;
	#records: Records | undefined;
	#told: readonly Endpoint[] | undefined;

	/**
	 * @param follow starts to follow the records; it calls the listener after each answer or
	 *   failure.
	 */
	constructor(observer: TargetObserver, options: DnsWatchOptions, follow: (listener: () => void) => Records) {
		this.#observer = observer;
		this.#options = options;
		this.#told = options.known;
		this.#emptiness = new Emptiness(options);
		this.#records = follow(() => this.#look());
		this.#look();
	}

	refresh(): void {
		this.#records?.refresh();
	}

	/** Frees everything; nothing is told any more. */
	close(): void {
		this.#records?.close();
		this.#records = undefined;
	}

	#look(): void {
		const outcome = this.#records?.outcome();
		if (!outcome) return;
		if (outcome.errors.length > 0) this.#failed(outcome);
		else this.#answered(outcome);
	}

	#answered(outcome: Outcome): void {
		const { endpoints, missing, answers } = outcome;
		if (endpoints.length > 0 || !this.#told?.length) {
			this.#emptiness.reset();
		} else if (!this.#emptiness.said(answers)) {
			const { emptyAnswers, emptyAfter } = this.#options;
			const until = `until ${emptyAnswers} answers in a row and ${formatDuration(emptyAfter)} say so`;
			this.#observer.failed(new SourceFailed(`${missing}; the endpoints that it had stay ${until}`));
			return;
		}
		this.#tell(outcome, endpoints.length > 0 ? [] : [missing]);
	}

	/**
	 * Another look-up may have succeeded: then what is known differs from what was told. An empty
	 * list is never told here.
	 */
	#failed(outcome: Outcome): void {
		const { endpoints, errors, partial } = outcome;
		this.#emptiness.reset();
		const same = this.#told && sameEndpoints(this.#told, endpoints);
		// Keep what an earlier watch had rather than a part of the records.
		const less = partial && this.#told && this.#told === this.#options.known;
		if (endpoints.length > 0 && !same && !less) this.#tell(outcome, []);
		// The observer may have ended the watch.
		if (this.#records) this.#observer.failed(together(errors));
	}

	#tell({ endpoints, notes, partial }: Outcome, more: readonly string[]): void {
		const before = new Map(this.#told?.map((e) => [keyOf(e), e.origin?.at]));
		const now = new Date();
		const told = endpoints.map((e) =>
			e.origin ? { ...e, origin: { ...e.origin, at: before.get(keyOf(e)) ?? now } } : e,
		);
		this.#told = told;
		const all = [...notes, ...more];
		this.#observer.endpoints(told, {
			...(partial ? { partial } : {}),
			...(all.length > 0 ? { notes: all } : {}),
		});
	}
}

/** A record and its address: the key of the time when it first gave it. */
function keyOf({ address, port, origin }: Endpoint): string {
	return `${address} ${port} ${origin?.object}`;
}

/** One error for all, with each reason once. */
export function together(errors: readonly FingerpostError[]): FingerpostError {
	const [first] = errors;
	const reasons = [...new Set(errors.map(({ message }) => message))].sort();
	if (first && reasons.length === 1) return first;
	const rest = reasons.length > 3 ? ` (and ${reasons.length - 3} more)` : "";
	return new SourceFailed(`${reasons.slice(0, 3).join("; ")}${rest}`, { cause: first });
}
