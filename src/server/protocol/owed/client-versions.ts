import type { ResourceSet } from "../../../cache/resource-set.js";

/** The client has nothing of that name. */
export const NOTHING = "";
/** The client may have any version of it, or none. */
export const UNKNOWN = "?";

/**
 * Which version a client has of each name that it wants. Of almost all it is the present one, which stands in the set: only
 * what differs from that is kept.
 */
export class ClientVersions {
	readonly #set: ResourceSet;
	readonly #different = new Map<string, string>();

	constructor(set: ResourceSet) {
		this.#set = set;
	}

	of(name: string): string {
		return this.#different.get(name) ?? this.#set.get(name)?.version ?? NOTHING;
	}

	note(name: string, version: string): void {
		if (version === (this.#set.get(name)?.version ?? NOTHING)) this.#different.delete(name);
		else this.#different.set(name, version);
	}

	/**
	 * The set has something else of the name now, or nothing.
	 * @param previous the version that it had.
	 * @returns whether the client had the present version until now.
	 */
	changed(name: string, previous: string | undefined): boolean {
		if (this.#different.has(name)) return false;
		this.#different.set(name, previous ?? NOTHING);
		return true;
	}

	/** The client gets what the set has. */
	isPresent(name: string): void {
		this.#different.delete(name);
	}

	/** It is not wanted any more. */
	forget(name: string): void {
		this.#different.delete(name);
	}

	/** Whether the client has the present version of everything. */
	get areAllPresent(): boolean {
		return this.#different.size === 0;
	}

	/** Names of which the client has another version than the present one. */
	different(): Iterable<string> {
		return this.#different.keys();
	}

	clear(): void {
		this.#different.clear();
	}
}
