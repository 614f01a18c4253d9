import type { FingerpostError } from "../../util/errors.js";
import type { Slice } from "./api/endpoint-slice.js";
import { type FollowObserver, type FollowOptions, FollowSlices } from "./api/follow-slices.js";
import type { KubeConnection } from "./api/kube-connection.js";
import { SliceStore } from "./slice-store.js";
import type { TargetView } from "./target-view.js";

/** One list and watch for all targets of a namespace. It runs while it has targets. */
export class NamespaceWatch implements FollowObserver {
	readonly #follow: FollowSlices;
	readonly #store = new SliceStore();
	readonly #views = new Map<string, Set<TargetView>>();
	/** Whether the store holds a complete list. */
	#known = false;
	/** Why the store may be out of date. */
	#error: FingerpostError | undefined;

	constructor(connection: KubeConnection, options: FollowOptions) {
		this.#follow = new FollowSlices(connection, this, options);
	}

	/** Tells the view at once what is known. The first view starts the watch. */
	add(view: TargetView): void {
		const { service } = view.target;
		const first = this.#views.size === 0;
		const views = this.#views.get(service) ?? new Set();
		this.#views.set(service, views.add(view));
		if (first) {
			this.#follow.start();
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
		const first = !this.#known;
		[this.#known, this.#error] = [true, undefined];
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

	/** Calls `tell` for each view that is left; an observer may end other watches. */
	#each(tell: (view: TargetView) => void): void {
		for (const views of [...this.#views.values()]) {
			for (const view of [...views]) if (views.has(view)) tell(view);
		}
	}
}
