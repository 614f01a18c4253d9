import { FingerpostError } from "../../util/errors.js";
import type { TargetObserver } from "../provider.js";
import type { EndpointsRead } from "./query/blocking-source.js";
import type { ServiceAnswer } from "./query/service-query.js";
import type { Answering } from "./watched-service.js";

/** How long a service that has become empty stays as it was while a whole registry is watched, in milliseconds. */
const EMPTY_MS = 1_000;

export interface TellOptions<Entry> {
	/** @throws SourceFailed if there are more than the target may have. */
	readonly endpointsOf: (answer: ServiceAnswer<Entry>) => EndpointsRead;
	/** Whether the list of all services is watched, too. */
	readonly isOfRegistry: () => boolean;
}

/** Tells the observer of one target what the service is, and of failures. */
export class ServiceTeller<Entry> {
	readonly #observer: TargetObserver;
	readonly #options: TellOptions<Entry>;
	#known: (EndpointsRead & Pick<ServiceAnswer<Entry>, "entries" | "filtered">) | undefined;
	#held: NodeJS.Timeout | undefined;

	constructor(observer: TargetObserver, options: TellOptions<Entry>) {
		this.#observer = observer;
		this.#options = options;
	}

	/** After each answer and each failure. */
	next({ answer, error }: Pick<Answering<Entry>, "answer" | "error">): void {
		clearTimeout(this.#held);
		if (error) this.#observer.failed(error);
		// A service that goes may be empty here before the list says that it is gone: clients keep it as it was.
		else if (answer?.entries.length === 0 && this.#known?.entries.length && this.#options.isOfRegistry())
			this.#held = setTimeout(() => this.answer(answer), EMPTY_MS);
		else if (answer) this.answer(answer);
	}

	answer(answer: ServiceAnswer<Entry>): void {
		const { entries, filtered, anew } = answer;
		try {
			if (this.#known?.entries !== entries || this.#known.filtered !== filtered) {
				this.#known = { entries, filtered, ...this.#options.endpointsOf(answer) };
			}
		} catch (error) {
			this.#known = undefined;
			this.#observer.failed(FingerpostError.from(error, "SOURCE_FAILED"));
			return;
		}
		this.#observer.endpoints(this.#known.endpoints, { notes: this.#known.notes, anew });
	}

	stop(): void {
		clearTimeout(this.#held);
	}
}
