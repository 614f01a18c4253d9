import { EncodedResource } from "../resources/encoded-resource.js";
import type { ResourceType } from "../resources/resource-type.js";
import type { View } from "../resources/view.js";

/**
 * Resources that are made of their name alone. Clients choose these names, so only what somebody
 * subscribes to is kept.
 */
export class GeneratedResources {
	readonly #type: ResourceType;
	readonly #view: View;
	readonly #kept = new Map<string, EncodedResource>();

	constructor(type: ResourceType, view: View) {
		this.#type = type;
		this.#view = view;
	}

	/** @param keep whether somebody subscribes to the name: then forget() will be called. */
	get(name: string, keep: boolean): EncodedResource | undefined {
		const kept = this.#kept.get(name);
		if (kept) return kept;
		const value = this.#type.generated?.(name, this.#view);
		if (!value) return undefined;
		const resource = new EncodedResource(this.#type.url, name, value);
		if (keep) this.#kept.set(name, resource);
		return resource;
	}

	/** What was made of the name and is kept. */
	kept(name: string): EncodedResource | undefined {
		return this.#kept.get(name);
	}

	/** Whether there is one of the name, made or yet to be made. */
	has(name: string): boolean {
		return this.#kept.has(name) || this.#type.generates?.(name, this.#view) === true;
	}

	/** At least those that are kept of these names: the shorter list is gone through. */
	among(names: ReadonlySet<string>): Iterable<string> {
		return this.size < names.size ? [...this.#kept.keys()].filter((name) => names.has(name)) : names;
	}

	forget(name: string): void {
		this.#kept.delete(name);
	}

	get size(): number {
		return this.#kept.size;
	}
}
