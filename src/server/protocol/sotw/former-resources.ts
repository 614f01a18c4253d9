import type { EncodedResource } from "../../../resources/encoded-resource.js";
import type { Steps } from "../../../util/steps.js";
import type { TypeStream } from "../acks/type-stream.js";
import type { NamesChange, SotwNames } from "./sotw-names.js";

/**
 * What a client of complete sets has of the names whose newest version it has not ACKed: what it
 * rejects stays as it was, whatever others do (R7). Of all other names it has what is in the set.
 */
export class FormerResources {
	readonly #stream: Pick<TypeStream, "set" | "nacks">;
	/** What it has of names that are on their way in another version, or that it rejects. */
	readonly #had = new Map<string, EncodedResource | undefined>();
	/** What others have ACKed, and is on its way in place of what it rejects and has nothing of. */
	readonly #fallbacks = new Map<string, EncodedResource>();
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
		// What was sent before its first ACK is not what it has.
		if (!this.#had.has(name)) this.#had.set(name, this.hasAcked ? had : undefined);
	}

	/** The client has nothing of what it asks for anew. @param names what it asks for now. */
	*asked({ added, removed, newlyWildcard }: NamesChange, names: SotwNames): Steps<void> {
		if (!this.hasAcked) return;
		const had = (name: string) => (names.has(name) && !added.has(name)) || removed.has(name);
		if (newlyWildcard) {
			for (const { name } of this.#stream.set.listed()) if (!had(name)) this.#had.set(name, undefined);
		}
		if (names.all) return;
		for (const name of added) {
			yield;
			this.#had.set(name, undefined);
		}
	}

	/** The client has ACKed a set. @param isNewest whether nothing is on its way any more. */
	*acked(resources: readonly EncodedResource[], isNewest: boolean): Steps<void> {
		this.#rest = "acked";
		if (this.#had.size === 0) return;
		const has = new Map(resources.map((resource) => [resource.name, resource]));
		const { set, nacks } = this.#stream;
		for (const name of [...this.#had.keys()]) {
			yield;
			const newest = set.get(name);
			const isRejected = nacks.of(name) !== undefined && newest !== undefined;
			// What it rejected may be asked for anew by the same request: the ACKed set is without it.
			const hasNewest = has.get(name)?.version === newest?.version;
			if (isNewest && hasNewest && !isRejected) this.#had.delete(name);
			else this.#had.set(name, has.get(name));
			if (this.#fallbacks.get(name) === has.get(name)) this.#fallbacks.delete(name);
		}
	}

	/** The client has rejected a set. @param suspects what of it is not sent again. */
	nacked(resources: readonly EncodedResource[], suspects: readonly EncodedResource[]): void {
		for (const resource of resources) {
			const { name } = resource;
			if (this.#fallbacks.get(name) !== resource) continue;
			// It was rejected for itself, perhaps.
			this.#fallbacks.delete(name);
			this.#stream.nacks.cannotStandIn(resource);
		}
		for (const { name } of suspects) this.sent(name, undefined);
	}

	/** What the client was sent of a name whose newest version it rejects. */
	inPlaceOf(name: string): EncodedResource | undefined {
		return this.#had.get(name) ?? this.#fallbacks.get(name);
	}

	/** What the client may have of a name that it rejects. */
	mayHave(name: string): EncodedResource | undefined {
		return this.inPlaceOf(name) ?? (this.mayHaveMore ? this.#fallbackFor(name) : undefined);
	}

	/**
	 * What goes into a set in place of what the client rejects. It stays the same, as what is left out
	 * would be deleted. Who has nothing of it gets the last version that others have ACKed, but not
	 * while a part of a rejected set is tried: a rejection is to be for that alone.
	 */
	standIn(rejected: EncodedResource): EncodedResource | undefined {
		const { name } = rejected;
		const instead = this.inPlaceOf(name);
		if (instead) return instead;
		const mayFallBack = this.mayHaveMore || !this.#stream.nacks.isSearching;
		const fallback = mayFallBack ? this.#fallbackFor(name) : undefined;
		if (!fallback) return this.mayHaveMore ? rejected : undefined;
		this.#fallbacks.set(name, fallback);
		return fallback;
	}

	/** Forgets all names but those that are kept. */
	keep(isKept: (name: string) => boolean): void {
		for (const names of [this.#had, this.#fallbacks])
			for (const name of [...names.keys()]) if (!isKept(name)) names.delete(name);
	}

	clear(): void {
		this.#had.clear();
		this.#fallbacks.clear();
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
