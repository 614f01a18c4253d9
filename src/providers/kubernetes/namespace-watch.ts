import type { FingerpostError } from "../../util/errors.js";
import type { Slice } from "./api/endpoint-slice.js";
import { FollowObjects, type FollowObserver, type FollowOptions } from "./api/follow-objects.js";
import type { KubeConnection } from "./api/kube-connection.js";
import type { PodDetails } from "./pods/pod-details.js";
import type { PodWatch } from "./pods/pod-watch.js";
import { SliceStore } from "./slice-store.js";
import type { TargetView } from "./target-view.js";

/** One list and watch for all targets of a namespace. It runs while it has targets. */
export class NamespaceWatch implements FollowObserver<Slice> {
	readonly #follow: FollowObjects<Slice>;
	/** Undefined where nothing is wanted of pods. */
	readonly #pods: PodWatch | undefined;
	readonly #store = new SliceStore();
	readonly #views = new Map<string, Set<TargetView>>();
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

	/** Tells the view at once what is known. The first view starts the watch. */
	add(view: TargetView): void {
		const { service } = view.target;
		const first = this.#views.size === 0;
		const views = this.#views.get(service) ?? new Set();
		this.#views.set(service, views.add(view));
		if (first) {
			this.#follow.start();
			this.#pods?.start((pods) => this.#podsChanged(pods));
			return;
		}
		if (this.#known) view.update(this.#store, undefined);
		// The observer may have ended the watch meanwhile.
		if (this.#error && views.has(view)) view.observer.failed(this.#error);
	}

	/**
	 * @returns whether no target is left; then everything is freed and the watch must not be used
	 *   again.
	 */
	remove(view: TargetView): boolean {
		const views = this.#views.get(view.target.service);
		views?.delete(view);
		if (views?.size === 0) this.#views.delete(view.target.service);
		if (this.#views.size > 0) return false;
		this.#follow.stop();
		this.#pods?.stop();
		return true;
	}

	refresh(): void {
		this.#follow.refresh();
	}

	arrived(slice: Slice): void {
		if (slice.service === undefined || this.#store.has(slice)) return;
		for (const view of this.#views.get(slice.service) ?? []) view.prepare(slice);
	}

	listed(slices: readonly Slice[]): void {
		this.#store.replace(slices);
		const first = !this.#listed;
		[this.#listed, this.#error] = [true, undefined];
		if (!this.#known) return;
		const changed = this.#store.takeChanged();
		this.#each((view) => {
			const { service } = view.target;
			if (first || changed.has(service)) view.update(this.#store, changed.get(service));
			else view.tell();
		});
	}

	changed(slice: Slice): void {
		this.#store.put(slice);
	}

	deleted(name: string): void {
		this.#store.delete(name);
	}

	settled(): void {
		if (!this.#known) return;
		for (const [service, changedAt] of this.#store.takeChanged()) {
			const views = this.#views.get(service);
			if (!views) continue;
			for (const view of [...views]) if (views.has(view)) view.update(this.#store, changedAt);
		}
	}

	confirmed(): void {
		this.#error = undefined;
		this.#each((view) => view.tell());
	}

	failed(error: FingerpostError): void {
		this.#error = error;
		this.#each((view) => view.observer.failed(error));
	}

	#podsChanged(pods: ReadonlySet<string> | "all"): void {
		if (!this.#known) return;
		if (pods === "all") this.#store.takeChanged();
		for (const [service, views] of [...this.#views]) {
			const slices = this.#store.slicesOf(service);
			const concerned =
				pods === "all" || slices.some(({ endpoints }) => endpoints.some(({ pod = "" }) => pods.has(pod)));
			if (!concerned) continue;
			for (const view of [...views]) if (views.has(view)) view.update(this.#store, undefined);
		}
	}

	/** Calls `tell` for each view that is left; an observer may end other watches. */
	#each(tell: (view: TargetView) => void): void {
		for (const views of [...this.#views.values()]) {
			for (const view of [...views]) if (views.has(view)) tell(view);
		}
	}
}
