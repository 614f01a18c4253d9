import type { Slice } from "./api/endpoint-slice.js";

/** The changed services, each with the time of the change if the cluster says it. */
export type ChangedServices = ReadonlyMap<string, Date | undefined>;

/** The slices of a namespace, by service. A changed slice costs work for its own service only. */
export class SliceStore {
	readonly #byName = new Map<string, Slice>();
	readonly #byService = new Map<string, Map<string, Slice>>();
	#changed = new Map<string, Date | undefined>();

	/** The service's slices by name. */
	slicesOf(service: string): readonly Slice[] {
		return [...(this.#byService.get(service)?.values() ?? [])];
	}

	/** The services that have a slice. */
	get services(): Iterable<string> {
		return this.#byService.keys();
	}

	/** Whether it is known already, with this revision. */
	has({ name, revision }: Slice): boolean {
		return this.#byName.get(name)?.revision === revision;
	}

	put(slice: Slice): void {
		if (this.has(slice)) return;
		const before = this.#byName.get(slice.name);
		if (before) this.#remove(before);
		// A time that the slice had already belongs to an older change.
		const changedAt = before?.changedAt?.getTime() === slice.changedAt?.getTime() ? undefined : slice.changedAt;
		if (before?.service !== undefined) this.#touch(before.service, changedAt);
		const { service } = slice;
		if (service === undefined) return;
		this.#byName.set(slice.name, slice);
		const slices = this.#byService.get(service) ?? new Map<string, Slice>();
		this.#byService.set(service, slices.set(slice.name, slice));
		this.#touch(service, changedAt);
	}

	delete(name: string): void {
		const before = this.#byName.get(name);
		if (!before) return;
		this.#remove(before);
		if (before.service !== undefined) this.#touch(before.service, undefined);
	}

	/** All slices that there are. */
	replace(slices: readonly Slice[]): void {
		const names = new Set(slices.map(({ name }) => name));
		for (const name of [...this.#byName.keys()]) if (!names.has(name)) this.delete(name);
		for (const slice of slices) this.put(slice);
	}

	/** The services whose slices changed since the last call. */
	takeChanged(): ChangedServices {
		const changed = this.#changed;
		this.#changed = new Map();
		return changed;
	}

	#remove({ name, service }: Slice): void {
		this.#byName.delete(name);
		if (service === undefined) return;
		const slices = this.#byService.get(service);
		slices?.delete(name);
		if (slices?.size === 0) this.#byService.delete(service);
	}

	#touch(service: string, at: Date | undefined): void {
		const before = this.#changed.get(service);
		this.#changed.set(service, before && (!at || before > at) ? before : at);
	}
}
