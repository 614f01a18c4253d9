import type { Endpoint } from "../../../model/endpoint.js";
import { sameValue } from "../../../util/same-value.js";
import type { SliceEndpoint } from "../api/endpoint-slice.js";
import type { Pod } from "../api/pod.js";

/** What the pods of a namespace say of endpoints: their labels and weights. */
export class PodDetails {
	readonly #pods = new Map<string, Pod>();
	/** Pods that say something else since the last call of takeChanged(). */
	#changed = new Set<string>();
	/** Endpoints with what their pod said last: the same objects again while it does. */
	readonly #detailed = new WeakMap<Endpoint, { readonly pod: Pod; readonly endpoint: Endpoint }>();
	/** What is to be known of all endpoints, such as that pods cannot be read. */
	note: string | undefined;

	put(pod: Pod): void {
		const before = this.#pods.get(pod.name);
		this.#pods.set(pod.name, before && saysTheSame(before, pod) ? before : pod);
		if (this.#pods.get(pod.name) !== before) this.#changed.add(pod.name);
	}

	/** Its endpoint goes when its slice says so. */
	delete(name: string): void {
		this.#pods.delete(name);
	}

	/** All pods that there are. */
	replace(pods: readonly Pod[]): void {
		const names = new Set(pods.map(({ name }) => name));
		for (const name of [...this.#pods.keys()]) if (!names.has(name)) this.delete(name);
		for (const pod of pods) this.put(pod);
	}

	takeChanged(): ReadonlySet<string> {
		const changed = this.#changed;
		this.#changed = new Set();
		return changed;
	}

	/** The endpoint with what its pod says. A pod that is not known yet says nothing. */
	of(endpoint: Endpoint, { pod: name, podId }: SliceEndpoint): Endpoint {
		const pod = name === undefined ? undefined : this.#pods.get(name);
		if (!pod || (pod.uid !== undefined && podId !== name && pod.uid !== podId)) return endpoint;
		const known = this.#detailed.get(endpoint);
		if (known?.pod === pod) return known.endpoint;
		const { weight = endpoint.weight, labels } = pod;
		const metadata = { ...endpoint.metadata, ...labels };
		const detailed = { ...endpoint, weight, ...(Object.keys(metadata).length > 0 && { metadata }) };
		this.#detailed.set(endpoint, { pod, endpoint: detailed });
		return detailed;
	}

	/** What is wrong with what the pod says, in a sentence. */
	problemOf({ pod: name }: SliceEndpoint): string | undefined {
		const problem = name === undefined ? undefined : this.#pods.get(name)?.problem;
		return problem && `the annotation of the pod ${name} is not used: ${problem}`;
	}
}

function saysTheSame(a: Pod, b: Pod): boolean {
	return a.uid === b.uid && a.weight === b.weight && a.problem === b.problem && sameValue(a.labels, b.labels);
}
