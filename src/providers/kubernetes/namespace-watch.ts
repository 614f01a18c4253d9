import type { FingerpostError } from "../../util/errors.js";
import type { Slice } from "./api/endpoint-slice.js";
import { FollowObjects, type FollowObserver, type FollowOptions } from "./api/follow-objects.js";
import type { KubeConnection } from "./api/kube-connection.js";
import type { PodDetails } from "./pods/pod-details.js";
import type { PodWatch } from "./pods/pod-watch.js";
import type { RegistryView } from "./registry-view.js";
import { type ChangedServices, SliceStore, serviceKey } from "./slice-store.js";
import type { TargetView } from "./target-view.js";

/** One list and watch for all targets of a namespace, or of the cluster. It runs while it has targets. */
export class NamespaceWatch implements FollowObserver<Slice> {
	readonly #follow: FollowObjects<Slice>;
	/** Undefined where nothing is wanted of pods. */
	readonly #pods: PodWatch | undefined;
	readonly #store = new SliceStore();
	readonly #views = new Map<string, Set<TargetView>>();
	readonly #registries = new Set<RegistryView>();
	/** Whether the store holds a complete list. */
	#listed = false;
	/** Why the store may be out of date. */
	#error: FingerpostError | undefined;

	/** @param pods is started and stopped here. */
	constructor(connection: KubeConnection, options: FollowOptions<Slice>, pods?: PodWatch) {
		this.#follow = new FollowObjects(connection, this, options);
		this.#pods = pods;
	}

	/** What the pods say of endpoints; undefined where nothing is wanted of them. */
	get pods(): PodDetails | undefined {
		return this.#pods?.details;
	}

	/** Whether there is something to tell. */
	get #known(): boolean {
		return this.#listed && this.#pods?.known !== false;
	}

	/** Whether it has a list, and nothing has failed since. */
	get isFresh(): boolean {
		return this.#known && !this.#error;
	}

	/** Tells the view at once what is known. The first view starts the watch. */
	add(view: TargetView): void {
		const service = serviceKey(view.target);
		const first = this.#isUnused;
		const views = this.#views.get(service) ?? new Set();
		this.#views.set(service, views.add(view));
		if (first) {
			this.#start();
			return;
		}
		if (this.#known) view.update(this.#store, undefined);
		// The observer may have ended the watch meanwhile.
		if (this.#error && views.has(view)) view.observer.failed(this.#error);
	}

	/** As add(), for a whole registry. */
	addRegistry(view: RegistryView): void {
		const first = this.#isUnused;
		this.#registries.add(view);
		if (first) {
			this.#start();
			return;
		}
		if (this.#known) view.replace(this.#store);
		if (this.#error && this.#registries.has(view)) view.observer.failed(this.#error);
	}

	/**
	 * @returns whether no target is left; then everything is freed and the watch must not be used
	 *   again.
	 */
	remove(view: TargetView): boolean {
		const service = serviceKey(view.target);
		const views = this.#views.get(service);
		views?.delete(view);
		if (views?.size === 0) this.#views.delete(service);
		return this.#stopIfUnused();
	}

	/** As remove(). */
	removeRegistry(view: RegistryView): boolean {
		this.#registries.delete(view);
		return this.#stopIfUnused();
	}

	refresh(): void {
		this.#follow.refresh();
	}

	arrived(slice: Slice): void {
		if (slice.service === undefined || this.#store.has(slice)) return;
		for (const view of this.#views.get(serviceKey(slice)) ?? []) view.prepare(slice);
	}

	listed(slices: readonly Slice[]): void {
		this.#store.replace(slices);
		const first = !this.#listed;
		[this.#listed, this.#error] = [true, undefined];
		if (!this.#known) return;
		const changed = this.#store.takeChanged();
		// Who is told of for the first time has the newest already.
		const before = this.#present();
		for (const view of this.#presentRegistries()) view.replace(this.#store);
		this.#tell(before, (view) => {
			const service = serviceKey(view.target);
			if (first || changed.has(service)) view.update(this.#store, changed.get(service));
			else view.tell();
		});
	}

	changed(slice: Slice): void {
		this.#store.put(slice);
	}

	deleted(slice: Slice): void {
		this.#store.delete(slice);
	}

	settled(): void {
		if (!this.#known) return;
		const changed = this.#store.takeChanged();
		if (changed.size === 0) return;
		const before = this.#present(changed);
		// First, so that of a service that goes nobody is told that it has no endpoints.
		for (const view of this.#presentRegistries()) view.update(changed.keys(), this.#store);
		this.#tell(before, (view) => {
			view.update(this.#store, changed.get(serviceKey(view.target)));
		});
	}

	confirmed(): void {
		this.#error = undefined;
		for (const view of this.#presentRegistries()) view.tell();
		this.#tell(this.#present(), (view) => view.tell());
	}

	failed(error: FingerpostError): void {
		this.#error = error;
		for (const view of this.#presentRegistries()) view.observer.failed(error);
		this.#tell(this.#present(), (view) => view.observer.failed(error));
	}

	#start(): void {
		this.#follow.start();
		this.#pods?.start((pods) => this.#podsChanged(pods));
	}

	#podsChanged(pods: ReadonlySet<string> | "all"): void {
		if (!this.#known) return;
		const before = this.#present();
		if (pods === "all") {
			this.#store.takeChanged();
			for (const view of this.#presentRegistries()) view.replace(this.#store);
		}
		this.#tell(before, (view) => {
			const slices = this.#store.slicesOf(serviceKey(view.target));
			const concerned =
				pods === "all" || slices.some(({ endpoints }) => endpoints.some(({ pod = "" }) => pods.has(pod)));
			if (concerned) view.update(this.#store, undefined);
		});
	}

	get #isUnused(): boolean {
		return this.#views.size === 0 && this.#registries.size === 0;
	}

	#stopIfUnused(): boolean {
		if (!this.#isUnused) return false;
		this.#follow.stop();
		this.#pods?.stop();
		return true;
	}

	/** The views that are there now, of all services or of these. */
	#present(services?: ChangedServices): readonly TargetView[] {
		if (!services) return [...this.#views.values()].flatMap((views) => [...views]);
		return [...services.keys()].flatMap((service) => [...(this.#views.get(service) ?? [])]);
	}

	/** Each is left out if it has gone by then. */
	*#presentRegistries(): Iterable<RegistryView> {
		for (const view of [...this.#registries]) if (this.#registries.has(view)) yield view;
	}

	/** Calls `tell` for each view that is left; an observer may end other watches. */
	#tell(views: readonly TargetView[], tell: (view: TargetView) => void): void {
		for (const view of views) if (this.#views.get(serviceKey(view.target))?.has(view)) tell(view);
	}
}
