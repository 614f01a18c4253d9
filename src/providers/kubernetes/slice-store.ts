import type { Slice } from "./api/endpoint-slice.js";

/** The keys of the changed services, each with the time of the change if the cluster says it. */
export type ChangedServices = ReadonlyMap<string, Date | undefined>;

/** How a service is called among those of all namespaces. */
export function serviceKey({ namespace, service = "" }: Pick<Slice, "namespace" | "service">): string {
	return `${namespace}/${service}`;
}

function sliceKey({ namespace, name }: Slice): string {
	return `${namespace}/${name}`;
}

/** The slices of a namespace or of all, by service. A changed slice costs work for its own service only. */
export class SliceStore {
	readonly #byName = new Map<string, Slice>();
	readonly #byService = new Map<string, Map<string, Slice>>();
	#changed = new Map<string, Date | undefined>();

	/** @param key as of serviceKey(). */
	slicesOf(key: string): readonly Slice[] {
		return [...(this.#byService.get(key)?.values() ?? [])];
	}

	/** The keys of all services that have slices. */
	get services(): Iterable<string> {
		return this.#byService.keys();
	}

	/** The names of those of a namespace. */
	*servicesIn(namespace: string): Iterable<string> {
		const within = `${namespace}/`;
		for (const key of this.#byService.keys()) if (key.startsWith(within)) yield key.slice(within.length);
	}

	/** Whether it is known already, with this revision. */
	has(slice: Slice): boolean {
		return this.#byName.get(sliceKey(slice))?.revision === slice.revision;
	}

	put(slice: Slice): void {
		if (this.has(slice)) return;
		const before = this.#byName.get(sliceKey(slice));
		if (before) this.#remove(before);
		// A time that the slice had already belongs to an older change.
		const changedAt = before?.changedAt?.getTime() === slice.changedAt?.getTime() ? undefined : slice.changedAt;
		if (before?.service !== undefined) this.#touch(serviceKey(before), changedAt);
		if (slice.service === undefined) return;
		const service = serviceKey(slice);
		this.#byName.set(sliceKey(slice), slice);
		const slices = this.#byService.get(service) ?? new Map<string, Slice>();
		this.#byService.set(service, slices.set(slice.name, slice));
		this.#touch(service, changedAt);
	}

	delete(slice: Slice): void {
		const before = this.#byName.get(sliceKey(slice));
		if (!before) return;
		this.#remove(before);
		if (before.service !== undefined) this.#touch(serviceKey(before), undefined);
	}

	/** All slices that there are. */
	replace(slices: readonly Slice[]): void {
		const keys = new Set(slices.map(sliceKey));
		for (const [key, slice] of [...this.#byName]) if (!keys.has(key)) this.delete(slice);
		for (const slice of slices) this.put(slice);
	}

	/** The services whose slices changed since the last call. */
	takeChanged(): ChangedServices {
		const changed = this.#changed;
		this.#changed = new Map();
		return changed;
	}

	#remove(slice: Slice): void {
		this.#byName.delete(sliceKey(slice));
		if (slice.service === undefined) return;
		const service = serviceKey(slice);
		const slices = this.#byService.get(service);
		slices?.delete(slice.name);
		if (slices?.size === 0) this.#byService.delete(service);
	}

	#touch(service: string, at: Date | undefined): void {
		const before = this.#changed.get(service);
		this.#changed.set(service, before && (!at || before > at) ? before : at);
	}
}
