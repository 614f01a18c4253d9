import type { EncodedResource } from "../resources/encoded-resource.js";

/** A resource that clients of a view reject and no client has ACKed. */
export interface Quarantined {
	/** The resource as it should be. */
	readonly resource: EncodedResource;
	/** What is served in its place: the last version that a client has ACKed. */
	readonly instead: EncodedResource;
	/** The client's own words. */
	readonly error: string;
	readonly at: Date;
}

/**
 * Resources that are not served because clients reject them, and the last good versions served
 * instead. A client that has ACKed a resource proves that it can be used: then it is served to all
 * again.
 */
export class Quarantine implements Iterable<Quarantined> {
	readonly #lastAccepted = new Map<string, EncodedResource>();
	readonly #quarantine = new Map<string, Quarantined>();

	[Symbol.iterator](): Iterator<Quarantined> {
		return this.#quarantine.values();
	}

	lastAccepted(name: string): EncodedResource | undefined {
		return this.#lastAccepted.get(name);
	}

	/**
	 * The name has new content.
	 * @param served what was served until now.
	 * @returns whether to serve it.
	 */
	changed(resource: EncodedResource, served: EncodedResource | undefined): boolean {
		const { name, version } = resource;
		if (this.#quarantine.get(name)?.resource.version === version) return false;
		this.#quarantine.delete(name);
		if (served?.accepted) this.#lastAccepted.set(name, served);
		const previous = this.#lastAccepted.get(name);
		if (previous?.version !== version) return true;
		// Clients have ACKed this version before.
		resource.accepted = true;
		this.#lastAccepted.delete(name);
		return true;
	}

	/**
	 * A client has ACKed the resource.
	 * @param served what is served now.
	 * @returns whether it was in quarantine.
	 */
	accepted(resource: EncodedResource, served: EncodedResource | undefined): boolean {
		const { name, version } = resource;
		const withheld = this.#quarantine.get(name)?.resource.version === version;
		if (withheld) this.#quarantine.delete(name);
		if (withheld || served?.version === version) this.#lastAccepted.delete(name);
		else if (served && !served.accepted) this.#lastAccepted.set(name, resource);
		return withheld;
	}

	/**
	 * @returns the last good version, to be served instead; undefined if there is none: then it is
	 *   not kept back.
	 */
	add(resource: EncodedResource, error: string): EncodedResource | undefined {
		const instead = this.#lastAccepted.get(resource.name);
		if (instead) this.#quarantine.set(resource.name, { resource, instead, error, at: new Date() });
		return instead;
	}

	forget(name: string): void {
		this.#lastAccepted.delete(name);
		this.#quarantine.delete(name);
	}
}
