import type { TargetObserver } from "../provider.js";
import type { Slice } from "./api/endpoint-slice.js";
import type { KubernetesTarget } from "./kubernetes-target.js";
import type { PodDetails } from "./pods/pod-details.js";
import { endpointsOfSlices, prepareSlice, type SliceAnswer } from "./slice-endpoints.js";
import type { KnownOffers, SliceRules } from "./slice-offers.js";

/** A watched target and its observer; makes endpoints of the service's slices. */
export class TargetView {
	readonly target: KubernetesTarget;
	readonly observer: TargetObserver;
	readonly #rules: SliceRules;
	readonly #pods: PodDetails | undefined;
	readonly #offers: KnownOffers = new WeakMap();
	#answer: SliceAnswer | undefined;

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
	 * Takes the service's present slices.
	 * @param changedAt when they changed, if the cluster says so.
	 */
	update(slices: readonly Slice[], changedAt: Date | undefined): void {
		this.#answer = endpointsOfSlices(slices, this.target, this.#rules, this.#offers, this.#pods);
		this.tell(changedAt);
	}

	/** Confirms what was told last. */
	tell(changedAt?: Date): void {
		const answer = this.#answer;
		if (!answer) return;
		if (answer.failure) this.observer.failed(answer.failure);
		else
			this.observer.endpoints(answer.endpoints, {
				notes: answer.notes,
				...(changedAt === undefined ? {} : { changedAt }),
			});
	}
}
