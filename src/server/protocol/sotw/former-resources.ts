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
	/** What it has of all other names: nothing, what it came with, or what it was sent. */
	#rest: "nothing" | "unknown" | "acked" = "nothing";

	constructor(stream: Pick<TypeStream, "set" | "nacks">) {
		this.#stream = stream;
	}

	/** The client came with a version: it may have what is not known here. */
	isUnknown(): void {
		this.#rest = "unknown";
	}

	get mayHaveMore(): boolean {
		return this.#rest === "unknown";
	}

	get hasAcked(): boolean {
		return this.#rest === "acked";
	}

	/**
	 * What of a rejected set may be to blame: what the client does not have, or where that is not
	 * known, what nobody has ACKed.
	 */
	accused(resources: readonly EncodedResource[]): readonly EncodedResource[] {
		if (this.#rest === "nothing") return resources;
		return resources.filter((each) => (this.mayHaveMore ? !each.accepted : this.#isNew(each)));
	}

	/**
	 * Whether these can be left out, or replaced. What is left out is deleted, if the client has
	 * something of it.
	 */
	canDoWithout(suspects: readonly EncodedResource[]): boolean {
		return !this.mayHaveMore || suspects.every(({ name }) => this.#fallbackFor(name) !== undefined);
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
		if (!this.hasAcked) return;
		const had = (name: string) => (names.has(name) && !added.has(name)) || removed.has(name);
		if (newlyWildcard) {
			for (const { name } of this.#stream.set.listed()) if (!had(name)) this.#had.set(name, undefined);
		}
		if (!names.all) for (const name of added) this.#had.set(name, undefined);
	}

	/** The client has ACKed a set. @param isNewest whether nothing is on its way any more. */
	acked(resources: readonly EncodedResource[], isNewest: boolean): void {
		this.#rest = "acked";
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
			if (this.#instead.get(name) !== resource || !this.#isNew(resource)) continue;
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
	 * What goes into a set in place of what the client rejects. It stays the same, as what is left out
	 * would be deleted. Who has nothing of it gets the last version that others have ACKed, but not
	 * while a part of a rejected set is tried: a rejection is to be for that alone.
	 */
	standIn(rejected: EncodedResource): EncodedResource | undefined {
		const { name } = rejected;
		const instead = this.#instead.get(name);
		if (instead) return instead;
		const mayFallBack = this.mayHaveMore || !this.#stream.nacks.isSearching;
		const fallback = mayFallBack ? this.#fallbackFor(name) : undefined;
		if (!fallback) return this.mayHaveMore ? rejected : undefined;
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

	/** Whether the client has another version of it, or nothing. */
	#isNew({ name, version }: EncodedResource): boolean {
		const isOnItsWay = this.#had.has(name) || this.#rest === "nothing";
		return isOnItsWay && this.#had.get(name)?.version !== version;
	}

	/** The last version that others have ACKed, unless the client rejects it. */
	#fallbackFor(name: string): EncodedResource | undefined {
		const { set, nacks } = this.#stream;
		const fallback = set.lastAcked(name);
		return fallback && nacks.canStandIn(fallback) ? fallback : undefined;
	}
}
