import type { EncodedResource } from "../resources/encoded-resource.js";

/** A resource that clients of a view reject and none has ACKed. */
export interface Quarantined {
	/** What it should be. */
	readonly resource: EncodedResource;
	/** What is served in its place: the last version that a client has ACKed. */
	readonly instead: EncodedResource;
	/** The client's own words. */
	readonly error: string;
	readonly at: Date;
}

/** Of each name the last version that was ACKed, as long as the present one is not, and what is withheld for it. */
export class Quarantine implements Iterable<Quarantined> {
	readonly #lastAccepted = new Map<string, EncodedResource>();
	readonly #quarantine = new Map<string, Quarantined>();

	[Symbol.iterator](): Iterator<Quarantined> {
		return this.#quarantine.values();
	}

	lastAccepted(name: string): EncodedResource | undefined {
		return this.#lastAccepted.get(name);
	}

	/** The name's content is this now. @param served what was served until now. @returns whether it is to be served. */
	changed(resource: EncodedResource, served: EncodedResource | undefined): boolean {
		const { name, version } = resource;
		if (this.#quarantine.get(name)?.resource.version === version) return false;
		this.#quarantine.delete(name);
		if (served?.accepted) this.#lastAccepted.set(name, served);
		const known = this.#lastAccepted.get(name);
		if (known?.version !== version) return true;
		// It is what it was before: nobody need be asked again.
		resource.accepted = true;
		this.#lastAccepted.delete(name);
		return true;
	}

	/** A client has ACKed the resource. @param served what is served by now. @returns whether it was withheld until now. */
	accepted(resource: EncodedResource, served: EncodedResource | undefined): boolean {
		const { name, version } = resource;
		const withheld = this.#quarantine.get(name)?.resource.version === version;
		if (withheld) this.#quarantine.delete(name);
		if (withheld || served?.version === version) this.#lastAccepted.delete(name);
		else if (served && !served.accepted) this.#lastAccepted.set(name, resource);
		return withheld;
	}

	/** @returns what is to be served in its place, if there is anything. */
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
