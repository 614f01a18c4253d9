import { waitUntil } from "../../lab/wait-until.js";
import { addressOf, type Endpoint } from "../../src/model/endpoint.js";
import { parseTarget, type Target } from "../../src/model/target.js";
import type { AnswerDetails, Provider, TargetObserver } from "../../src/providers/provider.js";
import { type TargetStatus, TargetWatch } from "../../src/providers/watch/target-watch.js";
import type { FingerpostError } from "../../src/util/errors.js";
import type { AdaptedSource } from "./adapted-source.js";

/** What a watch makes known of a target, as the catalog sees it. */
export class Observed {
	readonly target: Target;
	/** Each list that differs from the one before. */
	readonly lists: string[] = [];
	readonly failures: FingerpostError[] = [];
	readonly #watch: TargetWatch;

	constructor(target: Target) {
		this.target = target;
		this.#watch = new TargetWatch(target, () => this.#changed());
	}

	get endpoints(): readonly Endpoint[] {
		return this.#watch.endpoints ?? [];
	}

	/** Addresses in order, undefined before the first list. */
	get list(): string | undefined {
		return this.lists.at(-1);
	}

	get notes(): readonly string[] {
		return this.#watch.notes;
	}

	get status(): TargetStatus {
		return this.#watch.status;
	}

	/** Watches until the signal fires; whatever the provider changes of an endpoint afterwards throws. */
	watch(provider: Provider, signal: AbortSignal): void {
		this.#watch.start({
			watch: (target, observer, { known }) => {
				const seen: TargetObserver = {
					endpoints: (list: readonly Endpoint[], details?: AnswerDetails) => {
						if (signal.aborted) throw new Error("told of endpoints after the end");
						observer.endpoints(deepFrozen(list), details);
					},
					failed: (error) => {
						if (signal.aborted) throw new Error("told of a failure after the end");
						this.failures.push(error);
						observer.failed(error);
					},
				};
				provider.watch(target, seen, { signal, ...(known && { known }) });
			},
		});
	}

	textOf(list: readonly Endpoint[]): string {
		return list.map(addressOf).toSorted().join(" ");
	}

	#changed(): void {
		const { endpoints } = this.#watch;
		if (endpoints === undefined) return;
		const text = this.textOf(endpoints);
		if (this.lists.at(-1) !== text) this.lists.push(text);
	}
}

export interface Followed extends Disposable {
	readonly observed: Observed;
	abort(): void;
	until(what: string, probe: (observed: Observed) => boolean): Promise<void>;
}

/** Watches service n of the source until the end of the block. */
export function follow(source: AdaptedSource, n: number): Followed {
	return followTarget(source.provider, source.target(n));
}

/** Watches a target until the end of the block. */
export function followTarget(provider: Provider, text: string): Followed {
	const observed = new Observed(parseTarget(text));
	const controller = new AbortController();
	observed.watch(provider, controller.signal);
	const abort = () => controller.abort();
	return {
		...{ observed, abort, [Symbol.dispose]: abort },
		until: async (what, probe) => {
			const seen = () => new Error(JSON.stringify([observed.lists, observed.status]));
			await waitUntil(what, () => probe(observed) || Promise.reject(seen()));
		},
	};
}

/** What keeps this thread alive now, by kind: timers, sockets, watches of files. */
export function activeResources(): Readonly<Record<string, number>> {
	const counts: Record<string, number> = {};
	for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1;
	return counts;
}

function deepFrozen<T>(value: T): T {
	if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
	for (const part of Object.values(value)) deepFrozen(part);
	return Object.freeze(value);
}
