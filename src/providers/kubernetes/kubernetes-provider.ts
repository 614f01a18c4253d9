import type { KubeConfig } from "@kubernetes/client-node";
import type { Endpoint } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { ServiceNotFound } from "../../util/errors.js";
import type { Provider, RegistryObserver, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import { KubeCluster } from "./access/kube-cluster.js";
import { type ClusterOptions, loadKubeConfig } from "./access/load-kube-config.js";
import { ENDPOINT_SLICES } from "./api/endpoint-slice.js";
import { KubeConnection } from "./api/kube-connection.js";
import { DEFAULT_TIMING, type KubernetesTiming } from "./api/kubernetes-timing.js";
import { listObjects } from "./api/list-objects.js";
import { podKind } from "./api/pod.js";
import type { KubernetesOptions } from "./kubernetes-options.js";
import { readKubernetesRegistry, readKubernetesTarget } from "./kubernetes-target.js";
import { NamespaceWatch } from "./namespace-watch.js";
import { PodDetails } from "./pods/pod-details.js";
import { PodWatch } from "./pods/pod-watch.js";
import { RegistryView } from "./registry-view.js";
import { endpointsOfSlices, noSlice } from "./slice-endpoints.js";
import { TargetView } from "./target-view.js";

export interface KubernetesParts {
	readonly timing?: KubernetesTiming;
	/** Reads which API server to ask, and with which credentials. */
	readonly load?: (options: ClusterOptions) => Promise<KubeConfig>;
}

/**
 * `k8s:///namespace/service`, `…/service:port`: the EndpointSlices of a Service, listed once and
 * then watched.
 */
export class KubernetesProvider implements Provider {
	readonly #options: KubernetesOptions;
	readonly #timing: KubernetesTiming;
	readonly #cluster: KubeCluster;
	/** By namespace; undefined: of the cluster. */
	readonly #watches = new Map<string | undefined, NamespaceWatch>();

	constructor(options: KubernetesOptions, { timing = DEFAULT_TIMING, load = loadKubeConfig }: KubernetesParts = {}) {
		this.#options = options;
		this.#timing = timing;
		this.#cluster = new KubeCluster(options, timing.credentials, load);
	}

	/**
	 * Lists the service's slices once.
	 * @throws ServiceNotFound if it has none, SourceFailed if the API server does not answer or the
	 *   port is not clear, InvalidTarget, the signal's reason.
	 */
	async discover(target: Target, { signal }: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		signal.throwIfAborted();
		const read = readOrThrow(target, readKubernetesTarget);
		const { namespace, service } = read;
		const connection = new KubeConnection(this.#cluster);
		try {
			const common = { namespace, signal, timing: this.#timing };
			const [{ objects: slices }, pods] = await Promise.all([
				listObjects(connection, { ...common, kind: ENDPOINT_SLICES, service }),
				this.#wantsPods ? listObjects(connection, { ...common, kind: podKind(this.#options) }) : undefined,
			]);
			const details = pods && new PodDetails();
			details?.replace(pods?.objects ?? []);
			if (slices.length === 0) {
				throw new ServiceNotFound(`"${target.text}": ${noSlice(read)}`);
			}
			const answer = endpointsOfSlices(slices, read, this.#options, undefined, details);
			if (answer.failure) throw answer.failure;
			return answer.endpoints;
		} finally {
			connection.reset();
			this.#release();
		}
	}

	watch(target: Target, observer: TargetObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = readKubernetesTarget(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		const watch = this.#watchOf(read.namespace);
		const view = new TargetView(read, observer, this.#options, watch.pods);
		signal.addEventListener("abort", () => this.#end(watch, watch.remove(view)), { once: true });
		watch.add(view);
	}

	watchAll(target: Target, observer: RegistryObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = readKubernetesRegistry(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		const watch = this.#watchOf(read.namespace);
		const view = new RegistryView(read, observer);
		signal.addEventListener("abort", () => this.#end(watch, watch.removeRegistry(view)), { once: true });
		watch.addRegistry(view);
	}

	refresh(target: Target): void {
		const one = readKubernetesTarget(target);
		const read = typeof one === "string" ? readKubernetesRegistry(target) : one;
		if (typeof read === "string") return;
		this.#watches.get(read.namespace)?.refresh();
		// It may have the targets of the namespace, too.
		if (read.namespace !== undefined) this.#watches.get(undefined)?.refresh();
	}

	/**
	 * That of the cluster, where it runs and works, does for each namespace; but who may read a namespace only must not
	 * depend on it. What is wanted of pods is known in their namespaces only.
	 */
	#watchOf(namespace: string | undefined): NamespaceWatch {
		const ofCluster = this.#wantsPods ? undefined : this.#watches.get(undefined);
		const existing = ofCluster?.isFresh ? ofCluster : this.#watches.get(namespace);
		if (existing) return existing;
		const watch = this.#newWatch(namespace);
		this.#watches.set(namespace, watch);
		return watch;
	}

	#newWatch(namespace: string | undefined): NamespaceWatch {
		const common = { namespace, timing: this.#timing, minInterval: this.#options.minInterval };
		const pods =
			this.#wantsPods && namespace !== undefined
				? new PodWatch(new KubeConnection(this.#cluster), { ...common, kind: podKind(this.#options) })
				: undefined;
		return new NamespaceWatch(new KubeConnection(this.#cluster), { ...common, kind: ENDPOINT_SLICES }, pods);
	}

	/** @param isUnused whether no target is left. */
	#end(watch: NamespaceWatch, isUnused: boolean): void {
		if (!isUnused) return;
		for (const [namespace, other] of this.#watches) if (other === watch) this.#watches.delete(namespace);
		this.#release();
	}

	get #wantsPods(): boolean {
		const { podLabels = [], weightAnnotation } = this.#options;
		return podLabels.length > 0 || weightAnnotation !== undefined;
	}

	/** Frees the cluster's settings after the last watch. */
	#release(): void {
		if (this.#watches.size === 0) this.#cluster.forget();
	}
}
