import type { EncodedResource } from "../resources/encoded-resource.js";

/**
 * The last version of each resource that a client of the view has ACKed, connected or gone: one a
 * name, and only where it is not the newest one. A stream that rejects the newest one and has
 * nothing gets it (R7).
 */
export class LastAcked {
	readonly #byName = new Map<string, EncodedResource>();

	get(name: string): EncodedResource | undefined {
		return this.#byName.get(name);
	}

	/** The name has new content. @param previous what it had until now. */
	replaced(previous: EncodedResource | undefined, resource: EncodedResource): void {
		const { name, version } = resource;
		if (previous?.accepted) this.#byName.set(name, previous);
		if (this.#byName.get(name)?.version !== version) return;
		// Clients have ACKed this version before.
		resource.accepted = true;
		this.#byName.delete(name);
	}

	/** A client has ACKed the resource. @param newest what the name has now. */
	acked(resource: EncodedResource, newest: EncodedResource | undefined): void {
		if (!newest) return;
		if (newest.version === resource.version) {
			newest.accepted = true;
			this.#byName.delete(resource.name);
		} else if (!newest.accepted) this.#byName.set(resource.name, resource);
	}

	forget(name: string): void {
		this.#byName.delete(name);
	}
}
