import type { EncodedResource } from "../../../resources/encoded-resource.js";
import type { TypeStream } from "../acks/type-stream.js";
import type { NamesChange, SotwNames } from "./sotw-names.js";

/**
 * What a client of complete sets has of the names whose newest version it has not ACKed: what it
 * rejects stays as it was, whatever others do (R7). Of all other names it has what is in the set.
 */
export class FormerResources {
	readonly #stream: Pick<TypeStream, "set" | "nacks">;
	/** What it has of names that are on their way in another version. */
	readonly #had = new Map<string, EncodedResource | undefined>();
	/** What its sets hold in place of what it rejects. */
	readonly #instead = new Map<string, EncodedResource>();

	constructor(stream: Pick<TypeStream, "set" | "nacks">) {
		this.#stream = stream;
	}

	/** What the client has of a name that is on its way. */
	had(name: string): EncodedResource | undefined {
		return this.#had.get(name);
	}

	/** The name goes out in another version. @param had what the client has of it. */
	sent(name: string, had: EncodedResource | undefined): void {
		if (!this.#had.has(name)) this.#had.set(name, had);
	}

	/** The client has nothing of what it asks for anew. @param names what it asks for now. */
	asked({ added, removed, newlyWildcard }: NamesChange, names: SotwNames): void {
		const had = (name: string) => (names.has(name) && !added.has(name)) || removed.has(name);
		if (newlyWildcard) {
			for (const { name } of this.#stream.set.listed()) if (!had(name)) this.#had.set(name, undefined);
		}
		if (!names.all) for (const name of added) this.#had.set(name, undefined);
	}

	/** Whether the client has another version of it, or nothing. */
	isNew({ name, version }: EncodedResource): boolean {
		return this.#had.has(name) && this.#had.get(name)?.version !== version;
	}

	/** The client has ACKed a set. @param isNewest whether nothing is on its way any more. */
	acked(resources: readonly EncodedResource[], isNewest: boolean): void {
		this.keep((name) => this.#stream.nacks.of(name) !== undefined);
		if (isNewest) this.#had.clear();
		else if (this.#had.size > 0) {
			const has = new Map(resources.map((resource) => [resource.name, resource]));
			for (const name of this.#had.keys()) this.#had.set(name, has.get(name));
		}
	}

	/** The client has rejected a set. @param suspects what of it is not sent again. */
	nacked(resources: readonly EncodedResource[], suspects: readonly EncodedResource[], isNewest: boolean): void {
		for (const resource of resources) {
			const { name } = resource;
			// What stands in for another was rejected for itself, perhaps.
			if (this.#instead.get(name) !== resource || !this.isNew(resource)) continue;
			this.#instead.delete(name);
			this.#stream.nacks.cannotStandIn(resource);
		}
		for (const { name } of suspects) {
			const had = this.#had.get(name);
			if (had) this.#instead.set(name, had);
			else this.#instead.delete(name);
		}
		if (isNewest) this.#had.clear();
	}

	/** What the client has of a name whose newest version it rejects. */
	inPlaceOf(name: string): EncodedResource | undefined {
		return this.#instead.get(name);
	}

	/**
	 * What goes into a set for a name whose newest version the client rejects. It stays the same, as
	 * what is left out would be deleted.
	 * @param mayFallBack whether who has nothing of it gets the last version that others have ACKed.
	 */
	standIn(name: string, mayFallBack: boolean): EncodedResource | undefined {
		const instead = this.#instead.get(name);
		if (instead || !mayFallBack) return instead;
		const { set, nacks } = this.#stream;
		const fallback = set.lastAcked(name);
		if (!fallback || !nacks.canStandIn(fallback)) return undefined;
		this.#instead.set(name, fallback);
		this.sent(name, undefined);
		return fallback;
	}

	/** Forgets what stands in for a name unless that is kept. */
	keep(isKept: (name: string) => boolean): void {
		for (const name of [...this.#instead.keys()]) if (!isKept(name)) this.#instead.delete(name);
	}

	clear(): void {
		this.#had.clear();
		this.#instead.clear();
	}
}
