import type { TargetObserver } from "../provider.js";
import type { Slice } from "./api/endpoint-slice.js";
import type { KubernetesTarget } from "./kubernetes-target.js";
import type { PodDetails } from "./pods/pod-details.js";
import { endpointsOfSlices, noSlice, prepareSlice, type SliceAnswer } from "./slice-endpoints.js";
import type { KnownOffers, SliceRules } from "./slice-offers.js";
import { type SliceStore, serviceKey } from "./slice-store.js";

/** A watched target and its observer; makes endpoints of the service's slices. */
export class TargetView {
	readonly target: KubernetesTarget;
	readonly observer: TargetObserver;
	readonly #rules: SliceRules;
	readonly #pods: PodDetails | undefined;
	readonly #offers: KnownOffers = new WeakMap();
	#answer: SliceAnswer | undefined;
	/** Where the service has no slice. */
	#missingFrom: SliceStore | undefined;

	constructor(target: KubernetesTarget, observer: TargetObserver, rules: SliceRules, pods?: PodDetails) {
		this.target = target;
		this.observer = observer;
		this.#rules = rules;
		this.#pods = pods;
	}

	/** Does now what a slice costs, before it is one of the present slices. */
	prepare(slice: Slice): void {
		prepareSlice(slice, this.target, this.#rules, this.#offers);
	}

	/**
	 * Takes the service's present slices from all of its namespace.
	 * @param changedAt when they changed, if the cluster says so.
	 */
	update(store: SliceStore, changedAt: Date | undefined): void {
		const slices = store.slicesOf(serviceKey(this.target));
		this.#answer = endpointsOfSlices(slices, this.target, this.#rules, this.#offers, this.#pods);
		this.#missingFrom = slices.length === 0 ? store : undefined;
		this.tell(changedAt);
	}

	/** Confirms what was told last. */
	tell(changedAt?: Date): void {
		const answer = this.#answer;
		if (!answer) return;
		if (answer.failure) this.observer.failed(answer.failure);
		else
			this.observer.endpoints(answer.endpoints, {
				// What else there is may be another than last time.
				notes: this.#missingFrom
					? [noSlice(this.target, this.#missingFrom.servicesIn(this.target.namespace))]
					: answer.notes,
				...(changedAt === undefined ? {} : { changedAt }),
			});
	}
}
